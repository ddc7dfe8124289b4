-- reserve.lua - who takes the next lane: the officer of an office with the
-- fewest open lanes per capacity, ties by longest without a new one, then by
-- name (bytes).
--
-- KEYS[1]  the marker: there while the sets are whole
-- KEYS[2]  hash of stamps: office key -> raised by every reservation
-- KEYS[3…] "duty:OFFICE": sorted set, officer -> open / capacity; beside it
--          "duty:OFFICE:of", a hash,
--          officer -> "open capacity last pool pool …"
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

local offices = {} -- by key, as read once: officers by name, heaps by pool

local function parse(name, value)
    local open, capacity, last, pools =
        string.match(value, '^(%d+) (%d+) (%d+)(.*)$')
    return { name = name, open = tonumber(open), capacity = tonumber(capacity),
             last = tonumber(last), pools = pools }
end

local function read(key)
    local all = {}
    local flat = redis.call('HGETALL', key .. ':of')
    for i = 1, #flat, 2 do
        all[flat[i]] = parse(flat[i], flat[i + 1])
    end
    return all
end

local function office_of(key)
    if not offices[key] then
        offices[key] = { officers = read(key), heaps = {} }
    end
    return offices[key]
end

-- ---- the order ----

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

-- ---- a heap of each pool, so that a take costs O(log n) ----

-- An entry is an officer as he stood when he was put in place. A take makes
-- him later in every heap he is in; in the others he is moved when he comes
-- up.
local function entry(o)
    return { name = o.name, open = o.open, capacity = o.capacity,
             last = o.last }
end

local function sink(heap, i)
    while true do
        local first = i
        for child = 2 * i, 2 * i + 1 do
            if heap[child] and goes_before(heap[child], heap[first]) then
                first = child
            end
        end
        if first == i then
            return
        end
        heap[i], heap[first] = heap[first], heap[i]
        i = first
    end
end

local function heap_of(office, pool)
    local heap = office.heaps[pool]
    if heap then
        return heap
    end
    heap = {}
    for _, o in pairs(office.officers) do
        if pool == '' or string.find(o.pools .. ' ', ' ' .. pool .. ' ', 1, true) then
            heap[#heap + 1] = entry(o)
        end
    end
    for i = math.floor(#heap / 2), 1, -1 do
        sink(heap, i)
    end
    office.heaps[pool] = heap
    return heap
end

-- The first of a heap; nil when it is empty.
local function top(office, heap)
    while heap[1] do
        local o = office.officers[heap[1].name]
        if o.open == heap[1].open and o.last == heap[1].last then
            return o
        end
        heap[1].open, heap[1].last = o.open, o.last
        sink(heap, 1)
    end
end

-- The first who is not `but`: him, or the first of the rest.
local function first_of(office, heap, but)
    local o = top(office, heap)
    if o and o.name == but then
        o = nil
        for _, other in ipairs(heap) do
            local candidate = office.officers[other.name]
            if other.name ~= but and (not o or goes_before(candidate, o)) then
                o = candidate
            end
        end
    end
    if o and (not ceiling or o.open * 100 < ceiling * o.capacity) then
        return o
    end
end

-- Of the pools that have anybody.
local function heaps_of(office, pools)
    local heaps = {}
    for _, pool in ipairs(pools) do
        local heap = heap_of(office, pool)
        if heap[1] then
            heaps[#heaps + 1] = heap
        end
    end
    return heaps
end

local function take_one(office, but, heaps)
    for i = 1, #heaps do
        local o = first_of(office, heaps[i], but)
        if o then
            o.open = o.open + 1
            o.last = math.max(now, o.last + 1)
            now = now + 1 -- order of allotment within the batch
            o.changed = true
            return o.name
        end
    end
end

local function take(key, count, pools)
    local given, office = {}, office_of(key)
    local heaps = heaps_of(office, pools)
    for i = 1, count do
        given[i] = take_one(office, '', heaps)
        if not given[i] then
            break
        end
    end
    return given
end

-- One who has become earlier is in no heap's right place.
local function free(key, name)
    local office = office_of(key)
    local o = office.officers[name]
    if not o then
        return 0
    end
    o.open = math.max(o.open - 1, 0)
    o.changed = true
    office.heaps = {}
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
    local office = office_of(key)
    local other = take_one(office, holder, heaps_of(office, pools))
    if not other then
        return {}
    end
    free(key, holder)
    return { other }
end

local function claim(key, claimed, name, ends)
    redis.call('SET', claimed, ends .. ' ' .. name, 'PX',
               string.format('%.0f', math.max((tonumber(ends) - now) / 1000, 1)))
    local o = office_of(key).officers[name]
    if not o then
        return 0
    end
    o.open, o.last = o.open + 1, math.max(now, o.last)
    o.changed = true
    return 1
end

local function write(key, o)
    redis.call('ZADD', key, string.format('%.17g', o.open / o.capacity),
               o.name)
    redis.call('HSET', key .. ':of', o.name,
               string.format('%d %d %.0f%s', o.open, o.capacity, o.last,
                             o.pools))
end

local function set(key, stamp, wanted)
    if not building and
       (redis.call('HGET', KEYS[2], key) or '0') ~= stamp then
        return -1
    end
    local drift, old = 0, office_of(key).officers
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
for key, office in pairs(offices) do
    local moved = false
    for _, o in pairs(office.officers) do
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
