/* Sealed data, and what is in them. The first line says what follows: the value of a cookie (c), or of a binding
   cookie (b); or what came out of a seal, a pending sign-in (l), tokens (t), a token file (f); or keys (k). */
#include "fuzz.hpp"

#include <coauth/detail/login_codec.hpp>
#include <coauth/detail/token_codec.hpp>
#include <coauth/impl/detail/token_file.ipp>
#include <coauth/policy/sealed_state_store.hpp>
#include <coauth/protocol/id_token.hpp>
#include <coauth/sealed_cookie.hpp>

#include <array>

namespace {

/// 2023-11-14, when the cookies of the corpus were sealed for ten years.
struct fixed_clock {
    static std::chrono::system_clock::time_point now()
    {
        return std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    }
};

const coauth::seal_key_ring& keys()
{
    static const coauth::seal_key_ring ring = [] {
        std::array<unsigned char, 32> bytes{};
        std::vector<coauth::random_value> list;
        for (unsigned char i = 1; i <= 3; ++i) {
            bytes.fill(i);
            list.emplace_back(bytes);
        }
        return coauth::seal_key_ring::make(list).value();
    }();
    return ring;
}

/// What was sealed into the cookies of the corpus.
constexpr std::string_view sealed_content = "nobody forges this";

template <class T>
void check_refused(const coauth::result<T>& outcome)
{
    fuzz::check_error(outcome.error());
    fuzz::check_error_queue();
}

void open_cookie(std::string_view value)
{
    const coauth::basic_sealed_cookie<fixed_clock> cookie(keys(), "fuzz");
    const auto opened = cookie.open(value);
    if (!opened)
        return check_refused(opened);
    fuzz::require(opened->expose() == sealed_content, "nobody forges a cookie");
}

void open_binding_cookie(std::string_view value)
{
    coauth::basic_sealed_state_store<fixed_clock> store(keys());
    const auto opened = store.open(value, coauth::random_value());
    if (!opened)
        return check_refused(opened);
    fuzz::require(opened->application_data() == sealed_content, "nobody forges a sign-in");
}

coauth::detail::opened_seal through_a_seal(std::string_view content)
{
    const coauth::detail::seal_binding binding("fuzz");
    const auto sealed = coauth::detail::seal(keys(), content, binding).value();
    auto opened = coauth::detail::open_seal(keys(), {sealed.data(), sealed.size()}, binding);
    fuzz::require(opened && opened->content() == content, "what was sealed is opened");
    return std::move(*opened);
}

std::string_view text_of(const coauth::detail::secure_bytes& bytes) { return {bytes.data(), bytes.size()}; }

void decode_login(std::string_view content)
{
    const auto login = coauth::detail::decode_login(through_a_seal(content));
    if (!login)
        return check_refused(login);
    const auto again = coauth::detail::encode_login(*login);
    const auto same = coauth::detail::decode_login(through_a_seal(text_of(again)));
    fuzz::require(same && text_of(coauth::detail::encode_login(*same)) == text_of(again),
                  "a sign-in that was read is written as it was read");
}

void decode_tokens(std::string_view content)
{
    const auto tokens = coauth::detail::decode_tokens(through_a_seal(content));
    if (!tokens)
        return check_refused(tokens);
    const auto again = coauth::detail::encode_tokens(*tokens);
    const auto same = coauth::detail::decode_tokens(through_a_seal(text_of(again)));
    fuzz::require(same && text_of(coauth::detail::encode_tokens(*same)) == text_of(again),
                  "tokens that were read are written as they were read");
    if (tokens->has_id_token())
        fuzz::require(!tokens->id_token().issuer().empty() && !tokens->id_token().subject().empty(),
                      "a person has an issuer and a subject");
}

void decode_file(std::string_view content)
{
    const auto grants = coauth::detail::decode_grants(through_a_seal(content));
    if (!grants)
        return check_refused(grants);
    const auto again = coauth::detail::encode_grants(*grants);
    const auto same = coauth::detail::decode_grants(through_a_seal(text_of(again)));
    fuzz::require(same && text_of(coauth::detail::encode_grants(*same)) == text_of(again),
                  "grants that were read are written as they were read");
}

void read_keys(std::string_view text)
{
    const auto ring = coauth::seal_key_ring::parse(text);
    if (!ring)
        return check_refused(ring);
    fuzz::require(ring->size() >= 1 && ring->size() <= coauth::seal_key_ring::most_keys, "1 to 16 keys");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view rest = fuzz::text(data, size);
    const std::string_view kind = fuzz::take(rest, '\n');
    if (kind == "c")
        open_cookie(rest);
    else if (kind == "b")
        open_binding_cookie(rest);
    else if (kind == "l")
        decode_login(rest);
    else if (kind == "t")
        decode_tokens(rest);
    else if (kind == "f")
        decode_file(rest);
    else if (kind == "k")
        read_keys(rest);
    fuzz::check_error_queue();
    return 0;
}
