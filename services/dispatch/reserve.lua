-- reserve.lua - who takes the next lane: the officer of an office with the
-- fewest open lanes per capacity, ties by longest without a new one, then by
-- name (bytes).
--
-- KEYS[1]  the marker: there while the sets are whole
-- KEYS[2]  hash of stamps: office key -> raised by every reservation
-- KEYS[3…] "duty:OFFICE": sorted set, officer -> open / capacity; beside it
--          "duty:OFFICE:of", a hash, officer -> "open capacity last"
-- ARGV[1]  now, microseconds; ARGV[2] "build" while the sets are being made
-- then any number of
--   take KEY COUNT NOT        -> officers, at most COUNT, none of them NOT
--   free KEY OFFICER          -> 1, or 0 when the officer is not on duty
--   set  KEY STAMP N (OFFICER OPEN CAPACITY LAST)*N
--                             -> lanes of difference; -1: the stamp moved
--   ready                     -> 1, the marker stands
-- Answers nil and does nothing when the marker is missing.
local now, building = tonumber(ARGV[1]), ARGV[2] == 'build'
if not building and redis.call('EXISTS', KEYS[1]) == 0 then
    return false
end

local offices = {} -- by key: officers, as read once

local function officers_of(key)
    if offices[key] then
        return offices[key]
    end
    local all = {}
    local flat = redis.call('HGETALL', key .. ':of')
    for i = 1, #flat, 2 do
        local open, capacity, last =
            string.match(flat[i + 1], '^(%d+) (%d+) (%d+)$')
        all[#all + 1] = { name = flat[i], open = tonumber(open),
                          capacity = tonumber(capacity),
                          last = tonumber(last) }
    end
    offices[key] = all
    return all
end

-- Not `<`, which goes by the server's locale.
local function name_before(a, b)
    for i = 1, math.min(#a, #b) do
        if a:byte(i) ~= b:byte(i) then
            return a:byte(i) < b:byte(i)
        end
    end
    return #a < #b
end

local function goes_before(a, b)
    local x, y = a.open * b.capacity, b.open * a.capacity
    if x ~= y then
        return x < y
    end
    if a.last ~= b.last then
        return a.last < b.last
    end
    return name_before(a.name, b.name)
end

local function write(key, o)
    redis.call('ZADD', key, string.format('%.17g', o.open / o.capacity),
               o.name)
    redis.call('HSET', key .. ':of', o.name,
               string.format('%d %d %.0f', o.open, o.capacity, o.last))
end

local function take(key, count, but)
    local given = {}
    for i = 1, count do
        local best
        for _, o in ipairs(officers_of(key)) do
            if o.name ~= but and (not best or goes_before(o, best)) then
                best = o
            end
        end
        if not best then
            break
        end
        best.open = best.open + 1
        best.last = math.max(now, best.last + 1)
        now = now + 1 -- order of allotment within the batch
        best.changed = true
        given[i] = best.name
    end
    return given
end

local function free(key, name)
    for _, o in ipairs(officers_of(key)) do
        if o.name == name then
            o.open = math.max(o.open - 1, 0)
            o.changed = true
            return 1
        end
    end
    return 0
end

local function set(key, stamp, wanted)
    if not building and
       (redis.call('HGET', KEYS[2], key) or '0') ~= stamp then
        return -1
    end
    local drift, old = 0, {}
    for _, o in ipairs(officers_of(key)) do
        old[o.name] = o
    end
    redis.call('DEL', key, key .. ':of')
    for _, o in ipairs(wanted) do
        local was = old[o.name]
        drift = drift + (was and math.abs(was.open - o.open) or o.open)
        o.last = math.max(o.last, was and was.last or 0)
        write(key, o)
    end
    offices[key] = nil
    return drift
end

local at = 3

local function word()
    at = at + 1
    return ARGV[at - 1]
end

local verbs = {
    take = function()
        local key, count, but = KEYS[tonumber(word())], word(), word()
        return take(key, tonumber(count), but)
    end,
    free = function()
        local key, name = KEYS[tonumber(word())], word()
        return free(key, name)
    end,
    set = function()
        local key, stamp = KEYS[tonumber(word())], word()
        local wanted = {}
        for i = 1, tonumber(word()) do
            local name, open, capacity, last = word(), word(), word(), word()
            wanted[i] = { name = name, open = tonumber(open),
                          capacity = tonumber(capacity),
                          last = tonumber(last) }
        end
        return set(key, stamp, wanted)
    end,
    ready = function()
        redis.call('SET', KEYS[1], '1')
        return 1
    end,
}

local answers = {}
while at <= #ARGV do
    answers[#answers + 1] = verbs[word()]()
end
for key, all in pairs(offices) do
    local moved = false
    for _, o in ipairs(all) do
        if o.changed then
            write(key, o)
            moved = true
        end
    end
    if moved then
        redis.call('HINCRBY', KEYS[2], key, 1)
    end
end
return answers
