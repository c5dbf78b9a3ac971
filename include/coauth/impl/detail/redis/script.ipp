#ifndef COAUTH_IMPL_DETAIL_REDIS_SCRIPT_IPP
#define COAUTH_IMPL_DETAIL_REDIS_SCRIPT_IPP

#include <coauth/detail/openssl_pointer.hpp>
#include <coauth/detail/redis/script.hpp>

#include <openssl/evp.h>

#include <array>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL redis_script::redis_script(std::string text) : text_(std::move(text))
{
    std::array<unsigned char, 20> digest{};
    unsigned size_bytes = 0;
    if (EVP_Digest(text_.data(), text_.size(), digest.data(), &size_bytes, EVP_sha1(), nullptr) != 1 ||
        size_bytes != digest.size())
        throw exception(errc::invalid_configuration);
    for (const unsigned char byte : digest) {
        name_ += "0123456789abcdef"[byte >> 4];
        name_ += "0123456789abcdef"[byte & 15];
    }
}

namespace redis_texts {

// Pending sign-ins: a hash for each browser, of the digest of the state. What is kept begins with two numbers of 16
// digits, when it was put (microseconds) and when it expires (milliseconds), and goes on with the seal.

inline constexpr std::string_view clock = R"(
local t = redis.call('TIME')
local microseconds = t[1] * 1000000 + t[2]
local now = math.floor(microseconds / 1000)
)";

/// state, seal, lifetime and how long an expired one is remembered in milliseconds, most of one browser
inline constexpr std::string_view put_login = R"(
local last = now + ARGV[3]
local all = redis.call('HGETALL', KEYS[1])
local found = {}
for i = 1, #all, 2 do
  local expires = tonumber(string.sub(all[i + 1], 17, 32))
  if all[i] ~= ARGV[1] then
    if expires + ARGV[4] <= now then
      redis.call('HDEL', KEYS[1], all[i])
    else
      found[#found + 1] = {tonumber(string.sub(all[i + 1], 1, 16)), all[i]}
      if expires > last then last = expires end
    end
  end
end
table.sort(found, function(a, b) return a[1] > b[1] end)
while #found > 0 and #found >= tonumber(ARGV[5]) do
  redis.call('HDEL', KEYS[1], found[#found][2])
  found[#found] = nil
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%016.0f%016.0f', microseconds, now + ARGV[3]) .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', last - now + ARGV[4]))
return {'ok'}
)";

/// state
inline constexpr std::string_view take_login = R"(
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value then
  if redis.call('EXISTS', KEYS[1]) == 1 then return {'mismatch'} end
  return {'unknown'}
end
redis.call('HDEL', KEYS[1], ARGV[1])
if tonumber(string.sub(value, 17, 32)) <= now then return {'expired'} end
return {'ok', string.sub(value, 33)}
)";

// Grants: a hash each, of
//   g generation   t sealed tokens; without them it is a grant that was erased, whose generation is remembered
//   o owner of the last lease that was granted   e when it ends   d for how long it was granted (milliseconds)
//   s who began the last refresh of this generation   n how often its refresh token was sent
//   r whose refresh made this generation   f of which   p which put() began it all

inline constexpr std::string_view find_grant = R"(
local key = KEYS[1]
local function field(name) return redis.call('HGET', key, name) end
local function number(name) return tonumber(field(name) or 0) end
local function text(value) return string.format('%.0f', value) end
local generation = field('g')
if not generation or redis.call('HEXISTS', key, 't') == 0 then return {'unknown'} end
local function tokens(known)
  if known == generation then return '' end
  return field('t')
end
local function remaining()
  local left = number('e') - now
  if not field('o') or left <= 0 or left > number('d') then return 0 end
  return left
end
local function grant_lease(owner, duration)
  redis.call('HSET', key, 'o', owner, 'e', text(now + duration), 'd', duration)
end
)";

/// tokens, retention in milliseconds or 0, identifier
inline constexpr std::string_view put_grant = R"(
if redis.call('HGET', KEYS[1], 'p') == ARGV[3] then return {'ok', redis.call('HGET', KEYS[1], 'g')} end
local old = redis.call('HGET', KEYS[1], 'g')
local generation = microseconds
if old and tonumber(old) >= generation then generation = tonumber(old) + 1 end
generation = string.format('%.0f', generation)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'g', generation, 't', ARGV[1], 'p', ARGV[3])
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {'ok', generation}
)";

/// known generation
inline constexpr std::string_view load_grant = R"(
return {'ok', generation, tokens(ARGV[1])}
)";

/// owner, duration in milliseconds, known generation, tries
inline constexpr std::string_view acquire_grant = R"(
if field('o') ~= ARGV[1] then
  local left = remaining()
  if left > 0 then return {'held', generation, tokens(ARGV[3]), text(left)} end
  if number('n') > tonumber(ARGV[4]) then return {'undecided', generation, tokens(ARGV[3]), '0'} end
end
grant_lease(ARGV[1], ARGV[2])
return {'ok', generation, tokens(ARGV[3]), '0'}
)";

/// owner, duration in milliseconds
inline constexpr std::string_view renew_grant = R"(
if field('o') ~= ARGV[1] then return {'lost'} end
grant_lease(ARGV[1], ARGV[2])
return {'ok'}
)";

/// owner, generation
inline constexpr std::string_view begin_refresh = R"(
if field('o') ~= ARGV[1] or remaining() == 0 or generation ~= ARGV[2] then return {'lost'} end
if field('s') ~= ARGV[1] then
  redis.call('HSET', key, 's', ARGV[1], 'n', text(number('n') + 1))
end
return {'ok'}
)";

/// owner, generation, tokens, retention in milliseconds or 0
inline constexpr std::string_view complete_refresh = R"(
if field('r') == ARGV[1] and field('f') == ARGV[2] then return {'ok', generation} end
if generation ~= ARGV[2] or field('s') ~= ARGV[1] then return {'lost'} end
local following = text(tonumber(generation) + 1)
redis.call('HDEL', key, 'o', 'e', 'd', 's', 'n')
redis.call('HSET', key, 'g', following, 't', ARGV[3], 'r', ARGV[1], 'f', ARGV[2])
if ARGV[4] ~= '0' then redis.call('PEXPIRE', key, ARGV[4]) end
return {'ok', following}
)";

/// owner
inline constexpr std::string_view release_grant = R"(
if field('o') ~= ARGV[1] then return {'ok'} end
redis.call('HDEL', key, 'o')
if field('s') == ARGV[1] then
  redis.call('HDEL', key, 's')
  redis.call('HSET', key, 'n', text(number('n') - 1))
end
return {'ok'}
)";

/// how long the generation is remembered in milliseconds
inline constexpr std::string_view erase_grant = R"(
local generation = redis.call('HGET', KEYS[1], 'g')
if not generation then return {'ok'} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'g', generation)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {'ok'}
)";

inline std::string together(std::string_view first, std::string_view second, std::string_view third = {})
{
    std::string out(first);
    out += second;
    out += third;
    return out;
}

} // namespace redis_texts

COAUTH_DECL redis_state_scripts::redis_state_scripts()
    : put(redis_texts::together(redis_texts::clock, redis_texts::put_login)),
      take(redis_texts::together(redis_texts::clock, redis_texts::take_login))
{
}

COAUTH_DECL redis_token_scripts::redis_token_scripts()
    : put(redis_texts::together(redis_texts::clock, redis_texts::put_grant)),
      load(redis_texts::together(redis_texts::clock, redis_texts::find_grant, redis_texts::load_grant)),
      acquire(redis_texts::together(redis_texts::clock, redis_texts::find_grant, redis_texts::acquire_grant)),
      renew(redis_texts::together(redis_texts::clock, redis_texts::find_grant, redis_texts::renew_grant)),
      begin_refresh(
          redis_texts::together(redis_texts::clock, redis_texts::find_grant, redis_texts::begin_refresh)),
      complete_refresh(
          redis_texts::together(redis_texts::clock, redis_texts::find_grant, redis_texts::complete_refresh)),
      release(redis_texts::together(redis_texts::clock, redis_texts::find_grant, redis_texts::release_grant)),
      erase(std::string(redis_texts::erase_grant))
{
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
