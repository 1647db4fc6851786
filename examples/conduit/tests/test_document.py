from webaio import openapi

from main import create_app


def test_document() -> None:
    document = openapi.document_of(create_app())
    assert "Problem" not in document["components"]["schemas"]
