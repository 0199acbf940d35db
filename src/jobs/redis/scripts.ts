// Lua scripts for changes to several BullMQ keys that must be atomic. A prefix begins the keys of one queue and ends in
// a colon. All waiting jobs are prioritized; the scores of delayed jobs are times in 1/4096 of a millisecond.

/** The set of jobs that ended as planned but whose work failed; those in BullMQ's own `failed` are dead. */
export const unsuccessful = "unsuccessful";

/** When a job should have started; `due` is written when that differs from the request. */
const dueOf = `
local function dueOf(job)
  local known = redis.call('HMGET', job, 'due', 'data')
  return tonumber(known[1] or cjson.decode(known[2] or '{"runAt":0}').runAt)
end
`;

/** Whether a different job runs with the key. A holder that has lost its job's lock does not count. */
const runs = `
local function runs(prefix, key, job)
  local id, token = string.match(redis.call('GET', prefix .. 'running:' .. key) or '', '^(%S+) (%S+)$')
  return id and id ~= job and redis.call('GET', prefix .. id .. ':lock') == token
end
`;

/** A job whose key is running is set aside for this time, or until the running job ends. */
export const asideMs = 1000;

/**
 * (now, prefix…) The queue with the most urgent due job: its index among the prefixes, from 1, or 0. Of equally urgent
 * jobs the one that has been due longest wins. First jobs whose key is running are set aside.
 */
export const pick = `${dueOf}${runs}
local now, best, urgent, since = tonumber(ARGV[1]), 0, nil, nil
local function first(prefix, set, most)
  while true do
    local id = redis.call('ZRANGEBYSCORE', prefix .. set, '-inf', most, 'LIMIT', 0, 1)[1]
    local key = id and cjson.decode(redis.call('HGET', prefix .. id, 'data') or '{}').key
    if not id or type(key) ~= 'string' or not runs(prefix, key, id) then return id end
    redis.call('ZREM', prefix .. set, id)
    redis.call('ZADD', prefix .. 'delayed', string.format('%.0f', (now + ${asideMs}) * 4096), id)
    redis.call('HSET', prefix .. id, 'aside', 1)
  end
end
for at = 2, #ARGV do
  local ids = { first(ARGV[at], 'prioritized', '+inf'), first(ARGV[at], 'delayed', (now + 1) * 4096 - 1) }
  for _, id in pairs(ids) do
    local priority = tonumber(redis.call('HGET', ARGV[at] .. id, 'priority')) or 0
    local due = dueOf(ARGV[at] .. id)
    if best == 0 or priority < urgent or (priority == urgent and due < since) then
      best, urgent, since = at - 1, priority, due
    end
  end
end
return best
`;

/**
 * (prefix, key, id, token) Marks the key as running, so that another job may wait with it. 0 when it is already
 * running; nothing changes then.
 */
export const beginKey = `${runs}
local prefix, key, id, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if runs(prefix, key, id) then return 0 end
redis.call('SET', prefix .. 'running:' .. key, id .. ' ' .. token, 'PX', 86400000)
if redis.call('GET', prefix .. 'de:' .. key) == id then redis.call('DEL', prefix .. 'de:' .. key) end
return 1
`;

/** (prefix, key, id, token) Clears the running key. Answers the job that was set aside because of it, or ''. */
export const endKey = `
local prefix, running, waiting = ARGV[1], ARGV[1] .. 'running:' .. ARGV[2], ARGV[1] .. 'de:' .. ARGV[2]
if redis.call('GET', running) == ARGV[3] .. ' ' .. ARGV[4] then redis.call('DEL', running) end
local twin = redis.call('GET', waiting)
return twin and redis.call('HGET', prefix .. twin, 'aside') == '1' and twin or ''
`;

/**
 * (prefix, key, id, token) Makes the job the waiting one of this key. Answers '' on success, the id of another job that
 * already waits, or 'lost' when another worker has claimed the job; an empty token means an unclaimed job.
 */
export const returnKey = `
local prefix, waiting = ARGV[1], ARGV[1] .. 'de:' .. ARGV[2]
local lock = redis.call('GET', prefix .. ARGV[3] .. ':lock') or ''
if lock ~= ARGV[4] then return 'lost' end
local twin = redis.call('GET', waiting)
if twin and twin ~= ARGV[3] and redis.call('EXISTS', prefix .. twin) == 1 then return twin end
redis.call('SET', waiting, ARGV[3])
return ''
`;

/**
 * (token, lease in ms, number of dead workers or tokens, each of them…, prefix…) Takes over every running job whose
 * claim has ended. Answers the index of the prefix, id, failed attempts and data of each.
 */
export const takeOver = `
local gone, lost, first = {}, {}, 4 + tonumber(ARGV[3])
for at = 4, first - 1 do gone[ARGV[at]] = true end
for at = first, #ARGV do
  for _, id in ipairs(redis.call('LRANGE', ARGV[at] .. 'active', 0, -1)) do
    local job = ARGV[at] .. id
    local lock = redis.call('GET', job .. ':lock')
    if not lock or gone[lock] or gone[string.match(lock, '^[^/]*')] then
      redis.call('SET', job .. ':lock', ARGV[1], 'PX', ARGV[2])
      local known = redis.call('HMGET', job, 'atm', 'data')
      table.insert(lost, { at - first + 1, id, tonumber(known[1] or 0), known[2] or '' })
    end
  end
end
return lost
`;

/** (now, prefix…) For each queue: due, not yet due, running, dead, when the first of all is due, and failed. */
export const count = `${dueOf}
local now, counts = tonumber(ARGV[1]), {}
for at = 2, #ARGV do
  local prioritized, delayed = ARGV[at] .. 'prioritized', ARGV[at] .. 'delayed'
  local oldest = nil
  local function consider(due) if due and (not oldest or due < oldest) then oldest = due end end
  local from = '-inf'
  while true do
    local first = redis.call('ZRANGEBYSCORE', prioritized, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if not first[1] then break end
    consider(dueOf(ARGV[at] .. first[1]))
    from = string.format('%.0f', (math.floor(tonumber(first[2]) / 4294967296) + 1) * 4294967296)
  end
  local next = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]
  if next then consider(math.floor(tonumber(next) / 4096)) end
  local late = redis.call('ZCOUNT', delayed, 0, (now + 1) * 4096 - 1)
  table.insert(counts, {
    redis.call('ZCARD', prioritized) + late,
    redis.call('ZCARD', delayed) - late,
    redis.call('LLEN', ARGV[at] .. 'active'),
    redis.call('ZCARD', ARGV[at] .. 'failed'),
    oldest or -1,
    redis.call('ZCARD', ARGV[at] .. '${unsuccessful}')
  })
end
return counts
`;

/** (prefix, id, field, value…) Updates a job that still exists. */
export const mark = `
if redis.call('EXISTS', ARGV[1] .. ARGV[2]) == 1 then
  redis.call('HSET', ARGV[1] .. ARGV[2], unpack(ARGV, 3))
end
`;

/** (prefix, id) Removes a failed or dead job; 0 when it is neither. */
export const forget = `
local function from(set) return redis.call('ZREM', ARGV[1] .. set, ARGV[2]) == 1 end
if not from('failed') and not from('${unsuccessful}') then return 0 end
redis.call('DEL', ARGV[1] .. ARGV[2], ARGV[1] .. ARGV[2] .. ':logs')
return 1
`;

/** (prefix, id, from, to) Moves an ended job from one set to another; 0 when it is not there. */
export const refile = `
local at = redis.call('ZSCORE', ARGV[1] .. ARGV[3], ARGV[2])
if not at then return 0 end
redis.call('ZREM', ARGV[1] .. ARGV[3], ARGV[2])
redis.call('ZADD', ARGV[1] .. ARGV[4], at, ARGV[2])
return 1
`;

/**
 * (prefix, key) Moves every failed or dead job with the key to the completed ones, marked as settled. Their times of end
 * stay, so that they are removed when those that were done then are.
 */
export const settle = `
for _, set in ipairs({ 'failed', '${unsuccessful}' }) do
  for _, id in ipairs(redis.call('ZRANGE', ARGV[1] .. set, 0, -1)) do
    local job = ARGV[1] .. id
    if cjson.decode(redis.call('HGET', job, 'data') or '{}').key == ARGV[2] then
      redis.call('ZADD', ARGV[1] .. 'completed', redis.call('ZSCORE', ARGV[1] .. set, id), id)
      redis.call('ZREM', ARGV[1] .. set, id)
      redis.call('HSET', job, 'settled', 1)
    end
  end
end
`;

/** (cursor, pattern) One step of a scan, on the node that has the queues' keys: the next cursor, and keys. */
export const scan = `return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)`;

/** (key…) Removes them. */
export const removeKeys = `redis.call('UNLINK', unpack(ARGV))`;

/** (prefix, set, since, most) Removes jobs that ended earlier, and all but the latest. */
export const prune = `
local set = ARGV[1] .. ARGV[2]
local function drop(ids)
  for _, id in ipairs(ids) do
    redis.call('ZREM', set, id)
    redis.call('DEL', ARGV[1] .. id, ARGV[1] .. id .. ':logs')
  end
end
drop(redis.call('ZRANGEBYSCORE', set, '-inf', '(' .. ARGV[3]))
drop(redis.call('ZRANGE', set, 0, -1 - tonumber(ARGV[4])))
`;
