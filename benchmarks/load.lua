-- Makes the requests of one turn, and tells as JSON what wrk saw of them.

function init(arguments)
  wrk.method = arguments[1]
  if arguments[2] then
    wrk.body = arguments[2]
    wrk.headers["Content-Type"] = "application/json"
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "p99": %.1f, "not_2xx": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, latency:percentile(99), errors.status,
    errors.connect, errors.read, errors.write, errors.timeout
  ))
end
