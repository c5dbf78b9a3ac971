// An HTTP answer, through the parser that connections use. First byte: how it is cut into pieces, and whether the
// answer is to a request without a body in its answer.
#include "fuzz.hpp"

#include <coauth/detail/https/response_reader.hpp>

namespace {

using coauth::detail::request_method;
using coauth::detail::response_reader;
using status = response_reader::status;

constexpr std::size_t header_bytes = 512;
constexpr std::size_t body_bytes = 1024;

struct outcome {
    status state = status::needs_more;
    std::size_t consumed = 0;
    coauth::http_response response;
    coauth::error failure;
    bool may_stay_open = false;
};

/// As a connection reads: what is not consumed stays in front of what comes.
outcome read(std::string_view bytes, std::size_t piece, bool without_body)
{
    response_reader reader(header_bytes, body_bytes,
                           without_body ? request_method::head : request_method::usual);
    outcome out;
    std::string buffer;
    while (out.state == status::needs_more && !bytes.empty()) {
        const std::string_view next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        buffer += next;
        // In a block of its own size, so that reading beyond it is seen.
        const std::string exact = buffer;
        std::size_t consumed = 0;
        out.state = reader.read(exact, consumed);
        fuzz::require(consumed <= exact.size(), "no more is consumed than came");
        buffer.erase(0, consumed);
        out.consumed += consumed;
        fuzz::require(reader.has_begun(), "it knows that something came");
    }
    if (out.state == status::needs_more) {
        out.state = reader.read_end();
        fuzz::require(out.state != status::needs_more, "the end is the end");
    }
    if (out.state == status::failed) {
        out.failure = reader.failure();
        fuzz::check_error(out.failure);
        return out;
    }
    out.may_stay_open = reader.may_stay_open();
    out.response = reader.take_response();
    fuzz::require(out.response.status() >= 200 && out.response.status() < 600, "a final status");
    fuzz::require(out.response.body().size() <= body_bytes, "a body within its limit");
    fuzz::require(!without_body || out.response.body().empty(), "no body where there cannot be one");
    std::size_t size = 0;
    for (const auto& field : out.response.fields()) {
        fuzz::require(!field.name.empty() && field.value.find_first_of("\r\n") == field.value.npos &&
                          field.value.find('\0') == field.value.npos,
                      "fields on lines of their own");
        size += field.name.size() + field.value.size();
    }
    fuzz::require(size <= header_bytes, "a header within its limit");
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view bytes = fuzz::text(data + 1, size - 1);
    const bool without_body = (data[0] & 0x80) != 0;
    const outcome whole = read(bytes, std::max<std::size_t>(bytes.size(), 1), without_body);
    const outcome pieces = read(bytes, (data[0] & 0x7fu) + 1u, without_body);

    // How much of a header or of a chunk's extensions is too much depends a little on how it comes: Beast counts the
    // status line or not, and what comes at once has not to be kept.
    if (whole.failure.code() == coauth::errc::header_too_large ||
        pieces.failure.code() == coauth::errc::header_too_large)
        return 0;
    fuzz::require(whole.state == pieces.state, "however it comes, it is an answer or none");
    if (whole.state != status::done)
        return 0;
    fuzz::require(whole.consumed == pieces.consumed, "that ends at the same place");
    fuzz::require(whole.may_stay_open == pieces.may_stay_open, "after which the connection stays or not");
    fuzz::require(whole.response.status() == pieces.response.status() &&
                      whole.response.body().equals(pieces.response.body()) &&
                      std::equal(whole.response.fields().begin(), whole.response.fields().end(),
                                 pieces.response.fields().begin(), pieces.response.fields().end(),
                                 [](const auto& left, const auto& right) {
                                     return left.name == right.name && left.value == right.value;
                                 }),
                  "and says the same");
    return 0;
}
