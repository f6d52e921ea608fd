-- Sends POST requests with the bodies of one file, in turn, and with the bearer tokens of another, in turn.
-- Arguments: file of bodies, file of tokens or "-", how many requests were sent before (so that rounds go on with
-- the tokens that nobody has seen lately).
local bodies = {}
local tokens = {}
local sent = 0
local fixed

local function lines_of(file)
  local lines = {}
  for line in io.lines(file) do lines[#lines + 1] = line end
  return lines
end

local function format(body, token)
  local headers = { ['content-type'] = 'application/json', ['accept'] = 'application/json' }
  if token then headers['authorization'] = 'Bearer ' .. token end
  return wrk.format('POST', nil, headers, body)
end

function init(args)
  bodies = lines_of(args[1])
  if args[2] ~= '-' then tokens = lines_of(args[2]) end
  sent = tonumber(args[3])
  if #bodies == 1 and #tokens == 0 then fixed = format(bodies[1]) end
end

function request()
  if fixed then return fixed end
  sent = sent + 1
  return format(bodies[sent % #bodies + 1], tokens[#tokens > 0 and sent % #tokens + 1])
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nresult {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
