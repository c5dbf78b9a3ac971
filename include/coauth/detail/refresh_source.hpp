// Floor 4. What a refresh scheduler needs of a client.
#ifndef COAUTH_DETAIL_REFRESH_SOURCE_HPP
#define COAUTH_DETAIL_REFRESH_SOURCE_HPP

#include <coauth/core/limits.hpp>
#include <coauth/detail/refresh_trace.hpp>
#include <coauth/policy/token_store.hpp>
#include <coauth/resource.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace coauth::inline COAUTH_MODE::detail {

/// resource_parameters that own their text, to be sent twice.
class kept_resource_parameters {
public:
    explicit kept_resource_parameters(const resource_parameters& from)
        : url_(from.url),
          method_(from.method),
          accept_(from.accept),
          content_type_(from.content_type),
          body_(from.body)
    {
        texts_.reserve(from.fields.size());
        for (const parameter& field : from.fields)
            texts_.emplace_back(std::string(field.name), secret(field.value));
    }

    /// Refers to this object.
    resource_parameters view()
    {
        fields_.clear();
        for (const auto& [name, value] : texts_)
            fields_.push_back({name, value.expose()});
        resource_parameters out;
        out.url = url_;
        out.method = method_;
        out.accept = accept_;
        out.content_type = content_type_;
        out.body = body_.expose();
        out.fields = fields_;
        return out;
    }

private:
    std::string url_;
    std::string method_;
    std::string accept_;
    std::string content_type_;
    secret body_;
    std::vector<std::pair<std::string, secret>> texts_;
    std::vector<parameter> fields_;
};

/** The server as a scheduler sees it. The seam where tests put in another one.

    The functions are called from many threads; what they are given lives until they return.
*/
class refresh_source {
public:
    virtual ~refresh_source() = default;

    virtual const limits& bounds() const noexcept = 0;
    /// The wall clock, for tokens that come from elsewhere.
    virtual std::chrono::system_clock::time_point now() const = 0;
    virtual result<void> fill_random(std::span<unsigned char> out) = 0;

    /// As basic_client::refresh(). It is never cancelled.
    /// @param trace takes what is known besides the outcome
    virtual boost::asio::awaitable<result<token_set>> refresh(const token_set& current,
                                                              std::shared_ptr<refresh_trace> trace) = 0;
    /// As basic_client::revoke().
    virtual boost::asio::awaitable<result<void>> revoke(const token_set& tokens) = 0;
    /// As basic_client::fetch_resource().
    virtual boost::asio::awaitable<result<resource_response>>
    fetch_resource(const token_set& tokens, const resource_parameters& parameters) = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#endif
