#include "redis_server.hpp"

#include <coauth/testing/certificate_authority.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace coauth_test {
namespace {

std::string program()
{
    const char* const named = std::getenv("REDIS_PROGRAM");
    const std::string name = named ? named : "redis-server";
    const char* const path = std::getenv("PATH");
    std::istringstream folders(std::string(path ? path : "") + ":/usr/sbin:/usr/local/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::string candidate = folder + '/' + name;
        if (!folder.empty() && access(candidate.c_str(), X_OK) == 0)
            return candidate;
    }
    std::cout << "SKIP: no " << name << std::endl;
    std::_Exit(77);
}

std::uint16_t free_port()
{
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
}

void write(const fs::path& path, const std::string& text)
{
    std::ofstream file(path, std::ios::binary);
    if (!(file << text).flush())
        throw std::runtime_error("cannot write " + path.string());
}

const coauth::testing::certificate_authority& the_authority()
{
    static const coauth::testing::certificate_authority authority;
    return authority;
}

} // namespace

redis_server::redis_server(redis_configuration configuration) : configuration_(std::move(configuration))
{
    std::string name = (fs::temp_directory_path() / "coauth_redis_XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw std::runtime_error("no folder for a Redis");
    folder_ = name;
    // Somebody else may take the port before the server does.
    for (int attempt = 0; !process_; ++attempt) {
        try {
            port_ = free_port();
            start();
        } catch (const std::runtime_error&) {
            process_.reset();
            if (attempt == 5)
                throw;
        }
    }
}

redis_server::~redis_server()
{
    process_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void redis_server::start()
{
    std::ostringstream text;
    text << "bind 127.0.0.1\ndaemonize no\nsave \"\"\nlogfile \"\"\ndir " << folder_.string() << '\n';
    if (configuration_.tls) {
        const auto issued = the_authority().issue_for_loopback();
        write(folder_ / "certificate.pem", issued.chain_pem);
        write(folder_ / "key.pem", issued.private_key_pem);
        text << "port 0\ntls-port " << port_ << "\ntls-auth-clients no\ntls-cert-file "
             << (folder_ / "certificate.pem").string() << "\ntls-key-file " << (folder_ / "key.pem").string()
             << '\n';
    } else {
        text << "port " << port_ << '\n';
    }
    for (const std::string& line : configuration_.lines)
        text << line << '\n';
    write(folder_ / "redis.conf", text.str());

    process_.emplace(std::vector<std::string>{program(), (folder_ / "redis.conf").string()});
    for (;;) {
        const std::string line = process_->read_line();
        // 12345:M 21 Nov 2026 17:00:00.000 * Ready to accept connections
        if (line.find("Ready to accept connections") != std::string::npos) {
            id_ = std::stoi(line);
            return;
        }
    }
}

void redis_server::kill() { process_.reset(); }

void redis_server::signal(int number) const
{
    if (!process_ || id_ <= 1 || ::kill(id_, number) != 0)
        throw std::runtime_error("the Redis cannot be signalled");
}

void redis_server::pause() { signal(SIGSTOP); }
void redis_server::go_on() { signal(SIGCONT); }

coauth::redis_settings redis_server::settings() const
{
    coauth::redis_settings out(configuration_.tls ? "localhost" : "127.0.0.1", port_);
    out.set_reconnect_interval(std::chrono::milliseconds(20));
    out.set_timeout(std::chrono::minutes(1)); // the machine may be busy
    return out;
}

std::string redis_server::ask(const std::string& lines) const
{
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), port_});
    asio::write(socket, asio::buffer(lines + "\r\nQUIT\r\n"));
    std::string out;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(out), end);
    return out;
}

std::string redis_server::disk() const
{
    std::string out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
        if (!entry.is_regular_file())
            continue;
        std::ifstream file(entry.path(), std::ios::binary);
        out.append(std::istreambuf_iterator<char>(file), {});
    }
    return out;
}

std::string redis_server::authority() { return the_authority().certificate_pem(); }

} // namespace coauth_test
