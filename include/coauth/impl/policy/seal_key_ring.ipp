#ifndef COAUTH_IMPL_POLICY_SEAL_KEY_RING_IPP
#define COAUTH_IMPL_POLICY_SEAL_KEY_RING_IPP

#include <coauth/detail/sha256.hpp>
#include <coauth/policy/random_source.hpp>
#include <coauth/policy/seal_key_ring.hpp>
#include <coauth/secret_file.hpp>

#include <algorithm>
#include <optional>

namespace coauth::inline COAUTH_MODE {
namespace detail {

inline std::optional<std::array<unsigned char, 8>> seal_key_identifier(const random_value& key)
{
    constexpr std::string_view label = "coauth seal key identifier, version 1:";
    secure_bytes text(label.begin(), label.end());
    const std::string_view bytes = key.view();
    text.insert(text.end(), bytes.begin(), bytes.end());
    const auto digest = sha256({text.data(), text.size()});
    if (!digest)
        return std::nullopt;
    std::array<unsigned char, 8> out;
    std::copy_n(digest->begin(), out.size(), out.begin());
    return out;
}

inline result<random_value> make_seal_key()
{
    std::array<unsigned char, random_value::size_bytes> bytes;
    const result<void> filled = openssl_random_source::fill(bytes);
    random_value key(bytes);
    cleanse(bytes.data(), bytes.size());
    if (!filled)
        return filled.error();
    return key;
}

} // namespace detail

COAUTH_DECL result<seal_key_ring> seal_key_ring::make(std::span<const random_value> keys)
{
    if (keys.empty() || keys.size() > most_keys)
        return errc::invalid_configuration;
    auto entries = std::make_shared<std::vector<entry>>();
    entries->reserve(keys.size());
    for (const random_value& key : keys) {
        const auto identifier = detail::seal_key_identifier(key);
        if (!identifier)
            return errc::invalid_configuration;
        for (const entry& other : *entries)
            if (other.identifier == *identifier)
                return errc::invalid_configuration;
        entries->push_back(entry{*identifier, key});
    }
    return seal_key_ring(std::move(entries));
}

COAUTH_DECL result<seal_key_ring> seal_key_ring::parse(std::string_view text)
{
    constexpr std::string_view blank = " \t\r";
    std::vector<random_value> keys;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
        line = line.substr(0, line.find_last_not_of(blank) + 1);
        if (line.empty() || line.front() == '#')
            continue;
        const auto key = random_value::decode(line);
        if (!key)
            return errc::invalid_configuration;
        keys.push_back(*key);
    }
    return make(keys);
}

COAUTH_DECL result<seal_key_ring> seal_key_ring::load(const std::string& path)
{
    constexpr std::size_t most_bytes = 1024 * 1024;
    const auto text = read_secret_file(path, most_bytes);
    if (!text)
        return text.error();
    return parse(text->expose());
}

COAUTH_DECL result<seal_key_ring> seal_key_ring::generate()
{
    const auto key = detail::make_seal_key();
    if (!key)
        return key.error();
    return make({&*key, 1});
}

COAUTH_DECL result<secret> seal_key_ring::make_key_text()
{
    const auto key = detail::make_seal_key();
    if (!key)
        return key.error();
    const auto text = key->encode();
    return secret(std::string_view(text.data(), text.size()));
}

} // namespace coauth::inline COAUTH_MODE

#endif
