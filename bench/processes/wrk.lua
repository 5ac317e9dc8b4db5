-- Sends a GET by default. Arguments: "send", a method and a body to send that request; "publish", a bearer token and the two parts
-- of an event, before and after the ordinal in its id, to publish events with unique ids.
local head, tail
local ordinal = 0

function init(args)
  if args[1] == "send" then wrk.method, wrk.body = args[2], args[3] end
  if args[1] ~= "publish" then return end
  local token, before, after = args[2], args[3], args[4]
  head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nAuthorization: Bearer " .. token
    .. "\r\nContent-Type: application/json\r\nContent-Length: " .. (#before + 12 + #after) .. "\r\n\r\n" .. before
  tail = after
  request = function()
    ordinal = ordinal + 1
    return head .. string.format("%012d", ordinal) .. tail
  end
end

-- Prints one line of JSON. os.clock() is the CPU time of the whole process.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"requests":%d,"failed":%d,"seconds":%f,"cpuSeconds":%f,"p50Ms":%f,"p90Ms":%f,"p99Ms":%f}\n',
    summary.requests, failed, summary.duration / 1e6, os.clock(), latency:percentile(50) / 1e3,
    latency:percentile(90) / 1e3, latency:percentile(99) / 1e3))
end
