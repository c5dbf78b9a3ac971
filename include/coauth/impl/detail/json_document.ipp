#ifndef COAUTH_IMPL_DETAIL_JSON_DOCUMENT_IPP
#define COAUTH_IMPL_DETAIL_JSON_DOCUMENT_IPP

#include <coauth/core/secret.hpp>
#include <coauth/detail/json_document.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace coauth::detail {

/// Boost.JSON's own up to 1.86, Boost.Container's since then.
using json_memory = std::remove_pointer_t<decltype(std::declval<const boost::json::storage_ptr&>().get())>;

class cleansing_resource final : public json_memory {
    void* do_allocate(std::size_t size_bytes, std::size_t alignment) override
    {
        return ::operator new(size_bytes, std::align_val_t(alignment));
    }
    void do_deallocate(void* data, std::size_t size_bytes, std::size_t alignment) override
    {
        cleanse(data, size_bytes);
        ::operator delete(data, std::align_val_t(alignment));
    }
    bool do_is_equal(const json_memory& other) const noexcept override { return this == &other; }
};

/// What stands outside of the strings of a JSON text.
struct json_marks {
    std::size_t colons = 0;
    std::size_t others = 0; // commas and opening brackets
};

/** Count the marks. Exact for JSON; for anything else merely some number.

    Boost.JSON keeps the last of two members of the same name without a word. But each member has its one
    colon, so that those of the text can be compared with the members that came out.
*/
inline json_marks count_marks(std::string_view text) noexcept
{
    json_marks out;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else {
            in_string = c == '"';
            out.colons += c == ':' ? 1 : 0;
            out.others += c == ',' || c == '[' || c == '{' ? 1 : 0;
        }
    }
    return out;
}

/// Recursion is bounded by the depth that the parser let pass.
inline std::size_t count_members(const boost::json::value& value) noexcept
{
    std::size_t sum = 0;
    if (const auto* object = value.if_object()) {
        sum = object->size();
        for (const auto& member : *object)
            sum += count_members(member.value());
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array)
            sum += count_members(element);
    }
    return sum;
}

struct json_document::storage {
    storage() = default;
    explicit storage(std::size_t size_hint) { arena.emplace(size_hint, &upstream); }
    cleansing_resource upstream;
    std::optional<boost::json::monotonic_resource> arena; // none: in ordinary memory
    boost::json::value root;                              // after the arena that it lives in
};

inline result<json_document> json_document::read(std::string_view text, const limits& bounds,
                                                 std::shared_ptr<storage> into)
{
    const json_marks marks = count_marks(text);
    if (marks.colons + marks.others >= bounds.json_nodes)
        return errc::malformed_json;
    boost::json::parse_options options;
    options.max_depth = bounds.json_depth;
    boost::json::parser parser(boost::json::storage_ptr(&into->upstream), options);
    if (into->arena)
        parser.reset(boost::json::storage_ptr(&*into->arena));
    else
        parser.reset();
    boost::system::error_code failure;
    parser.write(text.data(), text.size(), failure);
    if (failure)
        return errc::malformed_json;
    into->root.~value();
    new (&into->root) boost::json::value(parser.release());
    if (!into->root.is_object())
        return errc::malformed_json;
    if (count_members(into->root) != marks.colons)
        return errc::duplicate_member;
    json_document out;
    out.storage_ = std::move(into);
    return out;
}

COAUTH_DECL result<json_document> json_document::parse(std::string_view text, const limits& bounds)
{
    return read(text, bounds, std::make_shared<storage>(text.size() * 2 + 512));
}

COAUTH_DECL result<json_document> json_document::parse_for_callers(std::string_view text,
                                                                   const limits& bounds)
{
    return read(text, bounds, std::make_shared<storage>());
}

COAUTH_DECL std::shared_ptr<const boost::json::object> json_document::share() const noexcept
{
    return {storage_, &object()};
}

COAUTH_DECL const boost::json::object& json_document::object() const noexcept
{
    static const boost::json::object none; // of a document that was made without parsing
    return storage_ ? storage_->root.get_object() : none;
}

} // namespace coauth::detail

#endif
