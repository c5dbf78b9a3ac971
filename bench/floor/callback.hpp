// A callback's check, by hand: split and decoded where it lies, the pending sign-in taken, the issuer compared.
#ifndef COAUTH_BENCH_FLOOR_CALLBACK_HPP
#define COAUTH_BENCH_FLOOR_CALLBACK_HPP

#include "base64url.hpp"
#include "pending_slab.hpp"

#include <string>
#include <string_view>

namespace bench::floor {

struct accepted_code {
    std::string code;
    sign_in_values values;
    std::string_view scope;
};

inline int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/// Also for one that is compared only.
inline bool append_decoded(std::string& out, std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return false;
            out.push_back(static_cast<char>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])));
            i += 2;
        }
    }
    return true;
}

inline bool accept(pending_slab& store, std::string_view query, std::string_view binding_cookie,
                   std::string_view issuer, accepted_code& out)
{
    std::string_view code, state, iss, error;
    const auto keep = [](std::string_view& place, std::string_view value) {
        const bool first = place.data() == nullptr;
        place = value;
        return first;
    };
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const std::size_t equals = pair.find('=');
        const std::string_view name = pair.substr(0, equals);
        const std::string_view value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
        if ((name == "code" && !keep(code, value)) || (name == "state" && !keep(state, value)) ||
            (name == "iss" && !keep(iss, value)) || (name == "error" && !keep(error, value)))
            return false;
    }
    unsigned char state_bytes[32], binding[32];
    if (!error.empty() || code.empty() || state.size() != encoded_32 || binding_cookie.size() != encoded_32 ||
        !decode(state, state_bytes) || !decode(binding_cookie, binding))
        return false;
    if (!store.take(binding, state_bytes, out.values, out.scope))
        return false;
    std::string named;
    out.code.clear();
    out.code.reserve(code.size());
    return append_decoded(named, iss) && named == issuer && append_decoded(out.code, code);
}

} // namespace bench::floor

#endif
