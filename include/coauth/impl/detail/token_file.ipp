// Floor 5. For other .ipp files: what is in the file of file_token_store.
#ifndef COAUTH_IMPL_DETAIL_TOKEN_FILE_IPP
#define COAUTH_IMPL_DETAIL_TOKEN_FILE_IPP

#include <coauth/detail/byte_codec.hpp>
#include <coauth/detail/kept_grant.hpp>
#include <coauth/detail/private_file.hpp>
#include <coauth/detail/seal.hpp>
#include <coauth/detail/token_codec.hpp>
#include <coauth/policy/seal_key_ring.hpp>
#include <coauth/policy/token_store.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/// A grant as it lies in the file. Tokens are opened only when somebody wants them.
struct filed_grant {
    std::string key;
    std::uint64_t generation = 0;
    secure_bytes tokens;
    refresh_record refreshes;
};

struct filed_grants {
    std::uint64_t last_generation = 0;
    std::vector<filed_grant> grants;

    filed_grant* find(std::string_view key) noexcept
    {
        const auto found = std::find_if(grants.begin(), grants.end(),
                                        [&](const filed_grant& one) { return one.key == key; });
        return found == grants.end() ? nullptr : &*found;
    }
};

inline constexpr unsigned char token_file_version = 1;

inline void write_optional(byte_writer& out, const std::optional<random_value>& value)
{
    out.byte(value ? 1 : 0);
    if (value)
        out.value(*value);
}

inline std::optional<random_value> read_optional(byte_reader& in)
{
    if (in.byte() == 0)
        return std::nullopt;
    return in.value();
}

inline secure_bytes encode_grants(const filed_grants& from)
{
    byte_writer out;
    out.byte(token_file_version).number(from.last_generation).number(from.grants.size());
    for (const filed_grant& one : from.grants) {
        out.text(one.key).number(one.generation).text({one.tokens.data(), one.tokens.size()});
        write_optional(out, one.refreshes.owner);
        out.number(static_cast<std::uint64_t>(one.refreshes.lease_end.count()));
        out.number(static_cast<std::uint64_t>(one.refreshes.lease_duration.count()));
        write_optional(out, one.refreshes.sender);
        out.number(one.refreshes.sent);
        write_optional(out, one.refreshes.refreshed_by);
        out.number(one.refreshes.refreshed_from);
    }
    return out.take();
}

inline result<filed_grants> decode_grants(const opened_seal& opened)
{
    byte_reader in(opened.content());
    filed_grants out;
    if (in.byte() != token_file_version)
        return errc::seal_broken;
    out.last_generation = in.number();
    for (std::uint64_t left = in.number(); left != 0 && in.ok(); --left) {
        filed_grant& one = out.grants.emplace_back();
        one.key = in.text();
        one.generation = in.number();
        const std::string_view tokens = in.text();
        one.tokens.assign(tokens.begin(), tokens.end());
        one.refreshes.owner = read_optional(in);
        one.refreshes.lease_end = std::chrono::nanoseconds(static_cast<std::int64_t>(in.number()));
        one.refreshes.lease_duration = std::chrono::nanoseconds(static_cast<std::int64_t>(in.number()));
        one.refreshes.sender = read_optional(in);
        one.refreshes.sent = static_cast<std::uint32_t>(in.number());
        one.refreshes.refreshed_by = read_optional(in);
        one.refreshes.refreshed_from = in.number();
    }
    if (!in.complete())
        return errc::seal_broken;
    return out;
}

/// Leases are on the monotonic clock, which all processes of a machine share until it is started again.
class token_file {
public:
    token_file(private_file file, seal_key_ring keys, std::string purpose)
        : file_(std::move(file)), keys_(std::move(keys)), purpose_(std::move(purpose))
    {
    }
    const private_file& file() const noexcept { return file_; }

    result<grant_record> load(std::string_view key, std::uint64_t known) const
    {
        auto all = read();
        if (!all)
            return all.error();
        const filed_grant* const found = all->find(key);
        if (!found)
            return errc::grant_unknown;
        if (known == found->generation)
            return grant_record(found->generation, nullptr);
        auto tokens = open(*found);
        if (!tokens)
            return tokens.error();
        return grant_record(found->generation, std::move(*tokens));
    }

    // All of the following with the lock.

    result<std::uint64_t> put(const std::string& key, const shared_tokens& tokens) const
    {
        if (!is_grant_key(key.size()) || !tokens)
            return errc::invalid_parameter;
        auto all = read();
        if (!all)
            return all.error();
        auto sealed = seal_tokens(keys_, *tokens, label, purpose_, key);
        if (!sealed)
            return sealed.error();
        filed_grant* place = all->find(key);
        if (!place)
            place = &all->grants.emplace_back();
        *place = filed_grant{key, ++all->last_generation, std::move(*sealed), refresh_record()};
        const std::uint64_t generation = place->generation;
        if (const result<void> written = write(*all); !written)
            return written.error();
        return generation;
    }

    result<lease> acquire(std::string_view key, const random_value& owner, std::chrono::milliseconds duration,
                          std::uint64_t known, unsigned tries) const
    {
        return change<lease>(key, [&](kept_grant& grant, std::uint64_t) {
            return result<lease>(grant.acquire(owner, duration, known, tries, now()));
        });
    }
    result<void> renew(std::string_view key, const random_value& owner,
                       std::chrono::milliseconds duration) const
    {
        return change<void>(
            key, [&](kept_grant& grant, std::uint64_t) { return grant.renew(owner, duration, now()); });
    }
    result<void> begin_refresh(std::string_view key, const random_value& owner,
                               std::uint64_t generation) const
    {
        return change<void>(key, [&](kept_grant& grant, std::uint64_t) {
            return grant.begin_refresh(owner, generation, now());
        });
    }
    result<std::uint64_t> complete_refresh(std::string_view key, const random_value& owner,
                                           std::uint64_t generation, const shared_tokens& tokens) const
    {
        if (!tokens)
            return errc::invalid_parameter;
        return change<std::uint64_t>(key, [&](kept_grant& grant, std::uint64_t next) {
            return grant.complete_refresh(owner, generation, tokens, next);
        });
    }
    result<void> release(std::string_view key, const random_value& owner) const
    {
        return change<void>(key, [&](kept_grant& grant, std::uint64_t) {
            grant.release(owner);
            return result<void>();
        });
    }

    result<void> erase(std::string_view key) const
    {
        auto all = read();
        if (!all)
            return all.error();
        const filed_grant* const found = all->find(key);
        if (!found)
            return {};
        all->grants.erase(all->grants.begin() + (found - all->grants.data()));
        return write(*all);
    }

private:
    static constexpr std::string_view label = "file_token_store";

    static std::chrono::nanoseconds now()
    {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
    seal_binding binding() const
    {
        seal_binding out("coauth token file, version 1");
        out.add(purpose_);
        return out;
    }

    result<shared_tokens> open(const filed_grant& grant) const
    {
        auto tokens =
            open_tokens(keys_, {grant.tokens.data(), grant.tokens.size()}, label, purpose_, grant.key);
        if (!tokens)
            return tokens.error();
        return shared_tokens(std::make_shared<const token_set>(std::move(*tokens)));
    }

    result<filed_grants> read() const
    {
        const auto content = file_.read();
        if (!content)
            return content.error();
        if (!*content) {
            // Somebody may have deleted a file whose generations are remembered elsewhere.
            filed_grants none;
            none.last_generation =
                static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::system_clock::now().time_since_epoch())
                                               .count());
            return none;
        }
        const auto opened = open_seal(keys_, {(*content)->data(), (*content)->size()}, binding());
        if (!opened)
            return opened.error();
        return decode_grants(*opened);
    }

    result<void> write(const filed_grants& all) const
    {
        const secure_bytes content = encode_grants(all);
        const auto sealed = seal(keys_, {content.data(), content.size()}, binding());
        if (!sealed)
            return sealed.error();
        return file_.replace({sealed->data(), sealed->size()});
    }

    template <class T, class Use>
    result<T> change(std::string_view key, Use use) const
    {
        auto all = read();
        if (!all)
            return all.error();
        filed_grant* const found = all->find(key);
        if (!found)
            return errc::grant_unknown;
        auto tokens = open(*found);
        if (!tokens)
            return tokens.error();
        kept_grant grant(found->generation, *tokens, found->refreshes);
        result<T> outcome = use(grant, all->last_generation + 1);
        if (!outcome)
            return outcome;
        if (grant.generation() != found->generation) {
            auto sealed = seal_tokens(keys_, *grant.tokens(), label, purpose_, key);
            if (!sealed)
                return sealed.error();
            found->tokens = std::move(*sealed);
            found->generation = all->last_generation = grant.generation();
        }
        if constexpr (std::is_same_v<T, lease>)
            if (outcome->state() != lease_state::granted) // whoever waits asks again and again
                return outcome;
        found->refreshes = grant.refreshes();
        if (const result<void> written = write(*all); !written)
            return written.error();
        return outcome;
    }

    private_file file_;
    seal_key_ring keys_;
    std::string purpose_;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
