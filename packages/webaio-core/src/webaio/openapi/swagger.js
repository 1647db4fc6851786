// Shows openapi.json, which lies beside this page. Where the document names no server, requests go
// to the root of the application, wherever a proxy has put it.
"use strict";

const page = document.getElementById("swagger-ui");
const root = new URL(page.dataset.root, location.href).href.replace(/\/$/, "");

const atRoot = {
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (spec) => update({ servers: [{ url: root }], ...spec }),
      },
    },
  },
};

SwaggerUIBundle({
  deepLinking: true,
  displayRequestDuration: true,
  domNode: page,
  plugins: [atRoot],
  url: new URL("openapi.json", location.href).href,
  validatorUrl: null,
});
