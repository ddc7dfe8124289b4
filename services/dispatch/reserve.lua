-- reserve.lua - who takes the next lane: the officer of an office with the
-- fewest open lanes per capacity, ties by longest without a new one, then by
-- name (bytes).
--
-- KEYS[1]  the marker: there while the sets are whole
-- KEYS[2]  hash of stamps: office key -> raised by every reservation
-- KEYS[3…] "duty:OFFICE": sorted set of who is on duty, score open / capacity,
--          member "LAST/NAME" with LAST in 16 digits, so that the set's own
--          order is the order of allotment and a take costs O(log n). Beside
--          it "duty:OFFICE:POOL", the same of those in a pool (a skill; a
--          place and work line), and "duty:OFFICE:of", a hash:
--          NAME -> "open capacity last pool pool …"
-- ARGV[1]  now, microseconds; ARGV[2] "build" while the sets are being made;
-- ARGV[3]  the ceiling in percent of capacity, "" none
-- then any number of
--   take KEY COUNT N POOL*N   -> officers, at most COUNT: each from the first
--                                pool that has one, the office's whole set
--                                being the last
--   pass KEY CLAIM HOLDER N POOL*N
--                             -> one officer who is not the HOLDER ("": there
--                                is none), who is freed; none while the key
--                                CLAIM says that the holder is on the way
--   claim KEY CLAIM OFFICER UNTIL
--                             -> 1, the claim stands until then and counts as
--                                a lane; 0 when the officer is not on duty
--   free KEY OFFICER          -> 1, or 0 when the officer is not on duty
--   set  KEY STAMP N (OFFICER OPEN CAPACITY LAST POOLS)*N
--                             -> lanes of difference; -1: the stamp moved
--   ready                     -> 1, the marker stands
-- Answers nil and does nothing when the marker is missing.
local now, building = tonumber(ARGV[1]), ARGV[2] == 'build'
local ceiling = tonumber(ARGV[3])
if not building and redis.call('EXISTS', KEYS[1]) == 0 then
    return false
end

local moved = {} -- keys of offices that were taken from or freed to

-- Two loads with numbers of this size are equal as doubles only when they are
-- equal as fractions: division rounds correctly.
local function score(o)
    return string.format('%.17g', o.open / o.capacity)
end

local function member(o)
    return string.format('%016.0f/%s', o.last, o.name)
end

local function parse(name, value)
    local open, capacity, last, pools =
        string.match(value, '^(%d+) (%d+) (%d+)(.*)$')
    return { name = name, open = tonumber(open), capacity = tonumber(capacity),
             last = tonumber(last), pools = pools }
end

-- The keys of the sets that an officer stands in.
local function sets_of(key, o)
    local sets = { key }
    for pool in string.gmatch(o.pools, '%S+') do
        sets[#sets + 1] = key .. ':' .. pool
    end
    return sets
end

local function officer(key, name)
    local value = redis.call('HGET', key .. ':of', name)
    return value and parse(name, value)
end

local function write(key, o, was)
    for _, set in ipairs(sets_of(key, o)) do
        if was then
            redis.call('ZREM', set, was)
        end
        redis.call('ZADD', set, score(o), member(o))
    end
    redis.call('HSET', key .. ':of', o.name,
               string.format('%d %d %.0f%s', o.open, o.capacity, o.last,
                             o.pools))
end

-- The first of a set whose name is not `but`; nil when there is none.
local function first_of(key, set, but)
    for _, found in ipairs(redis.call('ZRANGE', set, 0, but ~= '' and 1 or 0)) do
        local name = string.sub(found, 18)
        if name ~= but then
            local o = officer(key, name)
            if not ceiling or o.open * 100 < ceiling * o.capacity then
                return o, found
            end
        end
    end
end

local function take_one(key, but, pools)
    for _, pool in ipairs(pools) do
        local o, found = first_of(key, key .. pool, but)
        if o then
            o.open = o.open + 1
            o.last = math.max(now, o.last + 1)
            now = now + 1 -- order of allotment within the batch
            write(key, o, found)
            return o.name
        end
    end
end

local function take(key, count, pools)
    local given = {}
    for i = 1, count do
        given[i] = take_one(key, '', pools)
        if not given[i] then
            break
        end
        moved[key] = true
    end
    return given
end

local function free(key, name)
    local o = officer(key, name)
    if not o then
        return 0
    end
    local was = member(o)
    o.open = math.max(o.open - 1, 0)
    write(key, o, was)
    moved[key] = true
    return 1
end

-- "UNTIL OFFICER"; it outlives its time only where time is made faster.
local function is_claimed(claim, holder)
    local value = redis.call('GET', claim)
    if not value or holder == '' then
        return false
    end
    local ends, who = string.match(value, '^(%d+) (.*)$')
    return who == holder and tonumber(ends) > now
end

local function pass(key, claim, holder, pools)
    if is_claimed(claim, holder) then
        return {}
    end
    local other = take_one(key, holder, pools)
    if not other then
        return {}
    end
    moved[key] = true
    free(key, holder)
    return { other }
end

local function claim(key, claimed, name, ends)
    redis.call('SET', claimed, ends .. ' ' .. name, 'PX',
               string.format('%.0f', math.max((tonumber(ends) - now) / 1000, 1)))
    local o = officer(key, name)
    if not o then
        return 0
    end
    local was = member(o)
    o.open, o.last = o.open + 1, math.max(now, o.last)
    write(key, o, was)
    moved[key] = true
    return 1
end

local function set(key, stamp, wanted)
    if not building and
       (redis.call('HGET', KEYS[2], key) or '0') ~= stamp then
        return -1
    end
    local drift, old = 0, {}
    local flat = redis.call('HGETALL', key .. ':of')
    for i = 1, #flat, 2 do
        local o = parse(flat[i], flat[i + 1])
        old[o.name] = o
        redis.call('DEL', unpack(sets_of(key, o)))
    end
    redis.call('DEL', key .. ':of')
    for _, o in ipairs(wanted) do
        local was = old[o.name]
        drift = drift + (was and math.abs(was.open - o.open) or o.open)
        o.last = math.max(o.last, was and was.last or 0)
        write(key, o)
    end
    return drift
end

local at = 4

local function word()
    at = at + 1
    return ARGV[at - 1]
end

local function words(count)
    local all = {}
    for i = 1, count do
        all[i] = word()
    end
    return all
end

local function pools()
    local all = words(tonumber(word()))
    for i, pool in ipairs(all) do
        all[i] = ':' .. pool
    end
    all[#all + 1] = ''
    return all
end

local verbs = {
    take = function()
        local key, count = KEYS[tonumber(word())], tonumber(word())
        return take(key, count, pools())
    end,
    pass = function()
        local key, claimed, holder = KEYS[tonumber(word())], word(), word()
        return pass(key, claimed, holder, pools())
    end,
    claim = function()
        local key, claimed = KEYS[tonumber(word())], word()
        local name, ends = word(), word()
        return claim(key, claimed, name, ends)
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
            local pools = word()
            wanted[i] = { name = name, open = tonumber(open),
                          capacity = tonumber(capacity),
                          last = tonumber(last),
                          pools = pools == '' and '' or ' ' .. pools }
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
for key in pairs(moved) do
    redis.call('HINCRBY', KEYS[2], key, 1)
end
return answers
