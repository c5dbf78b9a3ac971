#include "loopback_server.hpp"

#include <coauth/detail/openssl_pointer.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <condition_variable>
#include <csignal>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace coauth_test {

namespace asio = boost::asio;
using asio::ip::tcp;
using coauth::detail::openssl_pointer;
using context_pointer = openssl_pointer<SSL_CTX, SSL_CTX_free>;

namespace {

void require(bool done, const char* what)
{
    if (!done)
        throw std::runtime_error(std::string("loopback_server: ") + what);
}

void use(SSL_CTX* context, const server_tls::certificate& shown)
{
    const openssl_pointer<BIO, BIO_free_all> chain(BIO_new_mem_buf(shown.chain_pem.data(), -1));
    const openssl_pointer<X509, X509_free> leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    const openssl_pointer<BIO, BIO_free_all> pem(BIO_new_mem_buf(shown.private_key_pem.data(), -1));
    const openssl_pointer<EVP_PKEY, EVP_PKEY_free> key(
        PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
    require(SSL_CTX_use_certificate(context, leaf.get()) == 1 &&
                SSL_CTX_use_PrivateKey(context, key.get()) == 1,
            "certificate");
}

context_pointer make_context(const server_tls& tls, const server_tls::certificate& shown)
{
    context_pointer out(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const context = out.get();
    require(SSL_CTX_set_min_proto_version(context, tls.oldest_) == 1 &&
                SSL_CTX_set_max_proto_version(context, tls.newest_) == 1,
            "versions");
    if (!tls.ciphers_.empty())
        require(SSL_CTX_set_cipher_list(context, tls.ciphers_.c_str()) == 1, "ciphers");
    SSL_CTX_set_dh_auto(context, 1);
    static constexpr unsigned char id[] = "coauth";
    SSL_CTX_set_session_id_context(context, id, sizeof(id) - 1);
    if (tls.early_data_)
        SSL_CTX_set_max_early_data(context, 16 * 1024);
    if (!tls.client_authority_.empty()) {
        const openssl_pointer<BIO, BIO_free_all> pem(BIO_new_mem_buf(tls.client_authority_.data(), -1));
        const openssl_pointer<X509, X509_free> root(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
        require(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get()) == 1, "client authority");
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    use(context, shown);
    return out;
}

std::size_t content_length(std::string_view header)
{
    std::string lower(header);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    const auto at = lower.find("\r\ncontent-length:");
    return at == lower.npos ? 0 : std::stoul(lower.substr(at + 17));
}

} // namespace

const coauth::testing::certificate_authority& authority()
{
    static const coauth::testing::certificate_authority one;
    return one;
}

void server_peer::write_slowly(std::string_view bytes, std::chrono::milliseconds gap)
{
    for (const char& byte : bytes) {
        write({&byte, 1});
        sleep(gap);
    }
}

void server_peer::trickle(std::string_view bytes, std::chrono::milliseconds gap)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end && write(bytes))
        sleep(gap);
}

void server_peer::wait_for(const std::atomic<bool>& flag)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!flag && std::chrono::steady_clock::now() < end && !is_stopping())
        sleep(std::chrono::milliseconds(2));
}

class loopback_server::state : public std::enable_shared_from_this<loopback_server::state> {
public:
    class peer;

    state(std::shared_ptr<server_tls> tls, bool start_plain, script each_connection)
        : tls_(std::move(tls)),
          start_plain_(start_plain),
          script_(std::move(each_connection)),
          acceptor_(context_)
    {
        if (tls_) {
            contexts_.emplace_back("", make_context(*tls_, tls_->certificate_));
            for (const auto& [name, shown] : tls_->virtual_hosts_)
                contexts_.emplace_back(name, make_context(*tls_, shown));
            SSL_CTX_set_tlsext_servername_callback(contexts_.front().second.get(), &state::on_server_name);
            SSL_CTX_set_tlsext_servername_arg(contexts_.front().second.get(), this);
            SSL_CTX_set_alpn_select_cb(contexts_.front().second.get(), &state::on_alpn, nullptr);
        }
        const tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
        acceptor_.open(anywhere.protocol());
        acceptor_.bind(anywhere);
        acceptor_.listen(256);
        port_ = acceptor_.local_endpoint().port();
        accepting_ = std::thread([this] { accept_all(); });
    }

    void stop()
    {
        stopping_ = true;
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR); // wakes accept()
        accepting_.join();
        {
            const std::lock_guard lock(mutex_);
            for (const int handle : open_)
                ::shutdown(handle, SHUT_RDWR);
            changed_.notify_all();
        }
        for (std::thread& one : threads_)
            one.join();
    }

    SSL_CTX* context() const { return contexts_.front().second.get(); }

    std::shared_ptr<server_tls> tls_;
    bool start_plain_;
    script script_;
    std::vector<std::pair<std::string, context_pointer>> contexts_;
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    std::thread accepting_;
    std::list<std::thread> threads_; // of the accepting thread, until it has ended
    std::atomic<bool> stopping_ = false;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<int> open_;
    std::vector<std::string> requests_;
    std::size_t connections_ = 0;
    std::size_t handshakes_ = 0;
    std::size_t resumed_ = 0;
    std::size_t bytes_received_ = 0;
    std::size_t goodbyes_ = 0;

private:
    static void block_sigpipe()
    {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    }

    static int on_server_name(SSL* ssl, int*, void* argument)
    {
        const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        for (const auto& [known, context] : static_cast<state*>(argument)->contexts_)
            if (name != nullptr && known == name)
                SSL_set_SSL_CTX(ssl, context.get());
        return SSL_TLSEXT_ERR_OK;
    }

    static int on_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
                       unsigned int in_size, void*)
    {
        static constexpr unsigned char http[] = "\x08http/1.1";
        if (SSL_select_next_proto(const_cast<unsigned char**>(out), size, http, 9, in, in_size) !=
            OPENSSL_NPN_NEGOTIATED)
            return SSL_TLSEXT_ERR_ALERT_FATAL;
        return SSL_TLSEXT_ERR_OK;
    }

    void accept_all();
};

class loopback_server::state::peer final : public server_peer {
public:
    peer(state& owner, tcp::socket socket) : owner_(owner), socket_(std::move(socket))
    {
        const std::lock_guard lock(owner_.mutex_);
        number = owner_.connections_++;
        owner_.open_.push_back(socket_.native_handle());
        owner_.changed_.notify_all();
    }

    ~peer() override
    {
        if (!closed_)
            forget();
    }

    void run()
    {
        if (!owner_.tls_ || owner_.start_plain_ || handshake())
            owner_.script_(*this);
        close();
    }

    bool handshake() override
    {
        ssl_.reset(SSL_new(owner_.context()));
        SSL_set_fd(ssl_.get(), socket_.native_handle());
        if (owner_.tls_->early_data_) {
            std::size_t size = 0;
            char early[1024];
            while (SSL_read_early_data(ssl_.get(), early, sizeof(early), &size) ==
                   SSL_READ_EARLY_DATA_SUCCESS)
                early_data_ = early_data_ || size > 0;
        }
        const bool done = SSL_accept(ssl_.get()) == 1;
        ERR_clear_error();
        const std::lock_guard lock(owner_.mutex_);
        owner_.handshakes_ += done ? 1 : 0;
        owner_.resumed_ += done && is_resumed() ? 1 : 0;
        return done;
    }

    std::string read_request() override
    {
        for (;;) {
            const auto end = buffer_.find("\r\n\r\n");
            if (end != buffer_.npos) {
                const std::size_t size = end + 4 + content_length({buffer_.data(), end + 2});
                if (buffer_.size() >= size) {
                    std::string request = buffer_.substr(0, size);
                    buffer_.erase(0, size);
                    const std::lock_guard lock(owner_.mutex_);
                    owner_.requests_.push_back(request);
                    return request;
                }
            }
            if (!read_more())
                return {};
        }
    }

    std::string read_to_end() override
    {
        while (read_more()) {
        }
        return std::exchange(buffer_, {});
    }

    bool write(std::string_view bytes) override
    {
        if (closed_ || is_stopping())
            return false;
        if (bytes.empty())
            return true;
        boost::system::error_code failed;
        std::size_t written = 0;
        bool done = false;
        if (ssl_)
            done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) == 1;
        else
            done = asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), failed) == bytes.size();
        ERR_clear_error();
        return done;
    }

    bool is_stopping() const override { return owner_.stopping_; }

    void wait_for_close() override
    {
        // A lost client shall not hold up the test for ever.
        const timeval minute{60, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute));
        while (read_more()) {
        }
    }

    void sleep(std::chrono::milliseconds time) override
    {
        std::unique_lock lock(owner_.mutex_);
        owner_.changed_.wait_for(lock, time, [this] { return owner_.stopping_.load(); });
    }

    void close() override
    {
        if (!closed_ && ssl_)
            SSL_shutdown(ssl_.get());
        ERR_clear_error();
        close_without_notify();
    }

    void close_without_notify() override
    {
        if (closed_)
            return;
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        wait_for_close(); // or unread input would make a reset of it
        forget();
    }

    void reset() override
    {
        if (closed_)
            return;
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        forget();
    }

    bool renegotiate() override
    {
        char byte = 0;
        std::size_t size = 0;
        const bool asked = SSL_renegotiate(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1;
        const bool answered = asked && SSL_read_ex(ssl_.get(), &byte, 1, &size) == 1;
        ERR_clear_error();
        return answered;
    }

    bool is_resumed() const override { return SSL_session_reused(ssl_.get()) == 1; }
    std::string server_name() const override
    {
        const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
        return name == nullptr ? "" : name;
    }
    std::string alpn() const override
    {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &size);
        return std::string(reinterpret_cast<const char*>(name), size);
    }
    bool was_early_data_used() const override { return early_data_; }
    bool is_compressed() const override { return SSL_get_current_compression(ssl_.get()) != nullptr; }

private:
    bool read_more()
    {
        if (closed_)
            return false;
        char bytes[16 * 1024];
        std::size_t size = 0;
        boost::system::error_code ec;
        if (ssl_)
            SSL_read_ex(ssl_.get(), bytes, sizeof(bytes), &size);
        else
            size = socket_.read_some(asio::buffer(bytes), ec);
        ERR_clear_error();
        buffer_.append(bytes, size);
        const std::lock_guard lock(owner_.mutex_);
        owner_.bytes_received_ += size;
        return size > 0;
    }

    void forget()
    {
        {
            // At once: when no connection is left, all goodbyes have been counted.
            const std::lock_guard lock(owner_.mutex_);
            std::erase(owner_.open_, socket_.native_handle());
            if (ssl_ && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0)
                ++owner_.goodbyes_;
        }
        boost::system::error_code ignored;
        socket_.close(ignored);
        closed_ = true;
        owner_.changed_.notify_all();
    }

    state& owner_;
    tcp::socket socket_;
    openssl_pointer<SSL, SSL_free> ssl_;
    std::string buffer_;
    bool early_data_ = false;
    bool closed_ = false;
};

void loopback_server::state::accept_all()
{
    block_sigpipe(); // the threads of the connections inherit it
    while (!stopping_) {
        boost::system::error_code ec;
        tcp::socket socket(context_);
        acceptor_.accept(socket, ec);
        if (ec || stopping_)
            continue;
        socket.set_option(tcp::no_delay(true), ec);
        auto accepted = std::make_unique<peer>(*this, std::move(socket));
        threads_.emplace_back([one = std::move(accepted)]() mutable {
            one->run();
            one.reset();
        });
    }
}

loopback_server::loopback_server(std::shared_ptr<server_tls> tls, bool start_plain, script each_connection)
    : state_(std::make_shared<state>(std::move(tls), start_plain, std::move(each_connection)))
{
}

loopback_server::loopback_server(script each_connection)
    : loopback_server(nullptr, true, std::move(each_connection))
{
}

loopback_server::loopback_server(server_tls tls, script each_connection)
    : loopback_server(std::make_shared<server_tls>(std::move(tls)), false, std::move(each_connection))
{
}

loopback_server loopback_server::start_plain(server_tls tls, script each_connection)
{
    return {std::make_shared<server_tls>(std::move(tls)), true, std::move(each_connection)};
}

loopback_server::loopback_server(loopback_server&&) noexcept = default;

loopback_server::~loopback_server()
{
    if (state_)
        state_->stop();
}

std::uint16_t loopback_server::port() const { return state_->port_; }

std::string loopback_server::url(std::string_view target, std::string_view host) const
{
    return (state_->tls_ ? "https://" : "http://") + std::string(host) + ':' + std::to_string(port()) +
           std::string(target);
}

std::size_t loopback_server::connections() const
{
    const std::lock_guard lock(state_->mutex_);
    return state_->connections_;
}

std::size_t loopback_server::handshakes() const
{
    const std::lock_guard lock(state_->mutex_);
    return state_->handshakes_;
}

std::size_t loopback_server::resumed() const
{
    const std::lock_guard lock(state_->mutex_);
    return state_->resumed_;
}

std::vector<std::string> loopback_server::requests() const
{
    const std::lock_guard lock(state_->mutex_);
    return state_->requests_;
}

std::size_t loopback_server::bytes_received() const
{
    const std::lock_guard lock(state_->mutex_);
    return state_->bytes_received_;
}

std::size_t loopback_server::goodbyes() const
{
    const std::lock_guard lock(state_->mutex_);
    return state_->goodbyes_;
}

bool loopback_server::wait_for_connections(std::size_t count, std::chrono::milliseconds patience) const
{
    std::unique_lock lock(state_->mutex_);
    return state_->changed_.wait_for(lock, patience, [&] { return state_->connections_ >= count; });
}

bool loopback_server::wait_until_all_closed(std::chrono::milliseconds patience) const
{
    std::unique_lock lock(state_->mutex_);
    return state_->changed_.wait_for(lock, patience, [this] { return state_->open_.empty(); });
}

std::string ok(std::string_view body)
{
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

void answer_all(server_peer& peer)
{
    while (!peer.read_request().empty())
        peer.write(ok());
}

loopback_server::script answer_and_close(std::string bytes)
{
    return [bytes = std::move(bytes)](server_peer& peer) {
        peer.read_request();
        peer.write(bytes);
        peer.close();
    };
}

loopback_server::script answer_and_wait(std::string bytes)
{
    return [bytes = std::move(bytes)](server_peer& peer) {
        peer.read_request();
        peer.write(bytes);
        while (!peer.read_request().empty()) { // counted, and not answered
        }
    };
}

} // namespace coauth_test
