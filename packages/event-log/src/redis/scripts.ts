import { createHash } from 'node:crypto';

/** A script that the server keeps by its hash. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

/** Names a script as the server does. */
export const createScript = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

/**
 * Appends to a stream and publishes, in one step: whoever reads the stream after a message finds its event there.
 * The id of an entry is its seq, so a stream takes no seq twice.
 *
 * KEYS: the stream. ARGV: restart (0 or 1), events to keep, milliseconds to keep them, the publishing command, its
 * channel, then seq and event of each entry. Returns where the stream ended before and after.
 */
export const appendScript = createScript(`
local stream = KEYS[1]
local restart, maxEvents, maxAge, publish, channel = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local function seqOf(entry) return entry and tonumber(string.match(entry[1], '^%d+')) or 0 end
local last = seqOf(redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1])
local first = tonumber(ARGV[6])
if restart == '1' and first > last + 1 then
  redis.call('DEL', stream)
  last = first - 1
end
local before = last
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 6, #ARGV, 2 do
  local seq = tonumber(ARGV[index])
  if seq > last + 1 then break end
  if seq == last + 1 then
    redis.call('XADD', stream, 'MAXLEN', '~', maxEvents, ARGV[index] .. '-0', 't', now, 'e', ARGV[index + 1])
    redis.call(publish, channel, ARGV[index] .. ' ' .. ARGV[index + 1])
    last = seq
  end
end
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
if oldest and tonumber(oldest[2][2]) < now - maxAge then
  local keep = 0
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+', 'COUNT', 200)) do
    keep = seqOf(entry)
    if tonumber(entry[2][2]) >= now - maxAge then break end
  end
  redis.call('XTRIM', stream, 'MINID', string.format('%.0f-0', keep))
end
return { before, last }
`);

/** The first and the last seq of a stream, 0 and 0 when it is empty. KEYS: the stream. */
export const boundsScript = createScript(`
local function seqOf(entry) return entry and tonumber(string.match(entry[1], '^%d+')) or 0 end
local first = seqOf(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1])
return { first, seqOf(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]) }
`);

/**
 * Notes that there is a partition, and publishes it when that is news. KEYS: the set of all. ARGV: the publishing
 * command, its channel, the partitions.
 */
export const registerScript = createScript(`
for index = 3, #ARGV do
  if redis.call('SADD', KEYS[1], ARGV[index]) == 1 then redis.call(ARGV[1], ARGV[2], ARGV[index]) end
end
`);
