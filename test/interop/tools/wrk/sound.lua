-- Looks at products at random, with a pause.
request = function()
  return wrk.format("GET", "/api/v1/products/" .. math.random(1, 1000))
end

delay = function()
  return math.random(20, 1000)
end
