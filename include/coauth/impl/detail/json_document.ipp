#ifndef COAUTH_IMPL_DETAIL_JSON_DOCUMENT_IPP
#define COAUTH_IMPL_DETAIL_JSON_DOCUMENT_IPP

#include <coauth/core/secret.hpp>
#include <coauth/detail/json_document.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// Boost.JSON's own up to 1.86, Boost.Container's since then.
using json_memory = std::remove_pointer_t<decltype(std::declval<const boost::json::storage_ptr&>().get())>;

class cleansing_resource final : public json_memory {
    void* do_allocate(std::size_t size_bytes, std::size_t alignment) override
    {
        if (is_usual(alignment))
            return ::operator new(size_bytes);
        return ::operator new(size_bytes, std::align_val_t(alignment));
    }
    void do_deallocate(void* data, std::size_t size_bytes, std::size_t alignment) override
    {
        cleanse(data, size_bytes);
        if (is_usual(alignment))
            ::operator delete(data);
        else
            ::operator delete(data, std::align_val_t(alignment));
    }
    /// Asked for by name, even the usual alignment makes the heap go a longer way.
    static bool is_usual(std::size_t alignment) noexcept
    {
        return alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    }
    bool do_is_equal(const json_memory& other) const noexcept override { return this == &other; }
};

/** Memory for what callers get to see: one block for the document, and the heap for copies that they make of it.

    Copies use the memory resource of the original, maybe in several threads at once, and share its ownership.
*/
class callers_resource final : public json_memory {
public:
    /// @param self set to this: what Boost.JSON hands out is a resource around it
    callers_resource(std::size_t size_bytes, callers_resource*& self)
        : block_(new unsigned char[size_bytes]), left_(size_bytes)
    {
        self = this;
    }
    /// From now on everything comes from the heap.
    void close() noexcept { left_ = 0; }

private:
    void* do_allocate(std::size_t size_bytes, std::size_t alignment) override
    {
        const std::size_t padded = (size_bytes + most_alignment - 1) & ~(most_alignment - 1);
        if (padded > left_ || padded < size_bytes || alignment > most_alignment)
            return ::operator new(size_bytes, std::align_val_t(alignment));
        left_ -= padded;
        return std::exchange(end_, end_ + padded);
    }
    void do_deallocate(void* data, std::size_t, std::size_t alignment) override
    {
        const std::less<const void*> before;
        if (before(data, block_.get()) || !before(data, end_))
            ::operator delete(data, std::align_val_t(alignment));
    }
    bool do_is_equal(const json_memory& other) const noexcept override { return this == &other; }

    static constexpr std::size_t most_alignment = alignof(std::max_align_t);
    std::unique_ptr<unsigned char[]> block_;
    unsigned char* end_ = block_.get();
    std::size_t left_;
};

/// What stands outside of the strings of a JSON text.
struct json_marks {
    std::size_t colons = 0;
    std::size_t others = 0; // commas and opening brackets
};

/// Where a JSON string ends, quotation mark included.
inline const char* end_of_string(const char* begin, const char* end) noexcept
{
    for (;;) {
        const auto* const quote =
            static_cast<const char*>(std::memchr(begin, '"', static_cast<std::size_t>(end - begin)));
        if (quote == nullptr)
            return end;
        const char* escapes = quote;
        while (escapes != begin && escapes[-1] == '\\')
            --escapes;
        if ((quote - escapes) % 2 == 0)
            return quote + 1;
        begin = quote + 1;
    }
}

/** Count the marks. Exact for JSON; for anything else merely some number.

    Boost.JSON keeps the last of two members of the same name without a word. But each member has its one
    colon, so that those of the text can be compared with the members that came out.
*/
inline json_marks count_marks(std::string_view text) noexcept
{
    json_marks out;
    const char* c = text.data();
    const char* const end = c + text.size();
    while (c != end) {
        switch (*c++) {
        case ':':
            ++out.colons;
            break;
        case ',':
        case '[':
        case '{':
            ++out.others;
            break;
        case '"':
            c = end_of_string(c, end);
            break;
        }
    }
    return out;
}

/// Room on the stack for what may be secret.
template <std::size_t Size>
struct wiped_buffer {
    wiped_buffer() noexcept {}
    wiped_buffer(const wiped_buffer&) = delete;
    wiped_buffer& operator=(const wiped_buffer&) = delete;
    ~wiped_buffer() { cleanse(bytes); }
    std::array<unsigned char, Size> bytes;
};

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
    cleansing_resource upstream;
    std::optional<boost::json::monotonic_resource> arena; // of a document that is wiped
    boost::json::value root;                              // after the arena that it lives in
};

inline result<json_document> json_document::read(std::string_view text, const limits& bounds,
                                                 std::shared_ptr<storage> into,
                                                 boost::json::storage_ptr memory)
{
    const json_marks marks = count_marks(text);
    if (marks.colons + marks.others >= bounds.json_nodes)
        return errc::malformed_json;
    boost::json::parse_options options;
    options.max_depth = bounds.json_depth;
    wiped_buffer<2048> unfinished;
    boost::json::parser parser(boost::json::storage_ptr(&into->upstream), options, unfinished.bytes.data(),
                               unfinished.bytes.size());
    parser.reset(std::move(memory));
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
    auto into = std::make_shared<storage>();
    auto& arena = into->arena.emplace(text.size() * 2 + 512, &into->upstream);
    return read(text, bounds, std::move(into), boost::json::storage_ptr(&arena));
}

COAUTH_DECL result<json_document> json_document::parse_for_callers(std::string_view text,
                                                                   const limits& bounds)
{
    callers_resource* resource = nullptr;
    const auto memory = boost::json::make_shared_resource<callers_resource>(text.size() * 2 + 512, resource);
    auto document = read(text, bounds, std::make_shared<storage>(), memory);
    resource->close();
    return document;
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

} // namespace coauth::inline COAUTH_MODE::detail

#endif
