#ifndef COAUTH_IMPL_DETAIL_HTTPS_CONNECTION_IPP
#define COAUTH_IMPL_DETAIL_HTTPS_CONNECTION_IPP

#include <coauth/detail/https/connection.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL connection::connection(const boost::asio::any_io_executor& executor, const endpoint_url& url)
    : context_(&boost::asio::query(executor, boost::asio::execution::context)),
      socket_(executor),
      host_(url.host()),
      port_(url.port()),
      https_(url.is_https())
{
}

COAUTH_DECL connection::~connection()
{
    wipe();
    if (!tls_ || !socket_.is_open())
        return;
    try {
        // RFC 8446 6.1: "Each party MUST send a "close_notify" alert before closing its write side"
        tls_->close();
        flush();
    } catch (...) { // goodbye unsaid
    }
}

COAUTH_DECL void connection::start_tls(SSL_CTX* context, tls_session_cache& sessions)
{
    tls_.emplace(context, host_, host_ + ':' + std::to_string(port_), sessions);
    wire_ = std::make_unique<char[]>(record_bytes);
}

COAUTH_DECL connection::status connection::status_of(tls_engine::status of_tls) noexcept
{
    switch (of_tls) {
    case tls_engine::status::done:
        return status::done;
    case tls_engine::status::needs_input:
        return status::needs_input;
    case tls_engine::status::closed:
        return status::closed;
    case tls_engine::status::failed:
        break;
    }
    return status::failed;
}

COAUTH_DECL connection::status connection::handshake() { return status_of(tls_->handshake()); }

COAUTH_DECL bool connection::send()
{
    has_written_ = false;
    if (!tls_) {
        plain_sent_ = 0;
        return true;
    }
    const bool sent = tls_->write({request_.data(), request_.size()});
    cleanse(request_.data(), request_.size());
    request_.clear();
    return sent;
}

COAUTH_DECL connection::status connection::flush()
{
    for (;;) {
        const std::string_view left =
            tls_ ? tls_->output() : std::string_view(request_.data(), request_.size()).substr(plain_sent_);
        if (left.empty())
            break;
        error_code ec;
        const std::size_t written = socket_.write_some(boost::asio::buffer(left.data(), left.size()), ec);
        if (ec == boost::asio::error::would_block)
            return status::needs_output;
        if (ec)
            return status::failed;
        has_written_ = true;
        if (tls_)
            tls_->consume_output(written);
        else
            plain_sent_ += written;
    }
    if (!tls_) {
        cleanse(request_.data(), request_.size());
        request_.clear();
        plain_sent_ = 0;
    }
    return status::done;
}

COAUTH_DECL void connection::make_room()
{
    if (begin_ == end_)
        begin_ = end_ = 0;
    if (data_.size() - end_ >= record_bytes)
        return;
    if (begin_ != 0) {
        std::memmove(data_.data(), data_.data() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
    }
    if (data_.size() - end_ < record_bytes)
        data_.resize(std::max(data_.size() * 2, end_ + record_bytes));
}

COAUTH_DECL boost::asio::mutable_buffer connection::read_buffer()
{
    if (tls_)
        return boost::asio::buffer(wire_.get(), record_bytes);
    make_room();
    return boost::asio::buffer(data_.data() + end_, data_.size() - end_);
}

COAUTH_DECL bool connection::take_read(const error_code& ec, std::size_t size)
{
    if (ec == boost::asio::error::eof) {
        ended_ = true;
        if (tls_)
            tls_->feed_end();
        return true;
    }
    if (ec)
        return false;
    if (tls_)
        return tls_->feed({wire_.get(), size});
    end_ += size;
    used_ = std::max(used_, end_);
    fresh_ = true;
    return true;
}

COAUTH_DECL connection::status connection::receive()
{
    if (!tls_) {
        if (std::exchange(fresh_, false))
            return status::done;
        return ended_ ? status::closed : status::needs_input;
    }
    make_room();
    std::size_t size = 0;
    const auto read = tls_->read({data_.data() + end_, data_.size() - end_}, size);
    end_ += size;
    used_ = std::max(used_, end_);
    return status_of(read);
}

COAUTH_DECL bool connection::is_quiet()
{
    if (ended_ || begin_ != end_ || !request_.empty())
        return false;
    if (!tls_)
        return !fresh_;
    // Session tickets may follow an answer; anything else was not asked for.
    if (tls_->has_input() && receive() != status::needs_input)
        return false;
    return tls_->output().empty() || flush() == status::done;
}

COAUTH_DECL bool connection::is_idle_and_open()
{
    error_code ec;
    const std::size_t size = socket_.read_some(read_buffer(), ec);
    if (ec == boost::asio::error::would_block)
        return true;
    return tls_ && take_read(ec, size) && is_quiet();
}

COAUTH_DECL void connection::wipe() noexcept
{
    cleanse(request_.data(), request_.size());
    request_.clear();
    cleanse(data_.data(), used_);
    begin_ = end_ = used_ = 0;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
