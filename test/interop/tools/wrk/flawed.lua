-- Creates tasks that differ under one key that says that they are the same.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Idempotency-Key"] = "the-same-for-all"

request = function()
  return wrk.format(nil, nil, nil, '{"title":"task ' .. math.random(1, 1000000) .. '"}')
end
