// A Redis or Valkey server of the distribution's, which a test starts, ends and starts again.
#ifndef COAUTH_TEST_REDIS_SERVER_HPP
#define COAUTH_TEST_REDIS_SERVER_HPP

#include "child_process.hpp"

#include <coauth/redis_settings.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace coauth_test {

/// What stands in its configuration file beyond port and folder, a line each.
struct redis_configuration {
    std::vector<std::string> lines;
    /// On the TLS port alone, with a certificate for `localhost` of the tests' authority.
    bool tls = false;
};

/** Runs with all its data in a folder of its own, that goes with it.

    The program is `redis-server`, or what the environment variable REDIS_PROGRAM says. Without it the test program
    ends, left out.
*/
class redis_server {
public:
    explicit redis_server(redis_configuration configuration = {});
    redis_server(const redis_server&) = delete;
    redis_server& operator=(const redis_server&) = delete;
    ~redis_server();

    std::uint16_t port() const noexcept { return port_; }
    const std::filesystem::path& folder() const noexcept { return folder_; }
    coauth::redis_settings settings() const;

    /// As power that is lost. The data stay.
    void kill();
    void start();
    /// It keeps its connections, and says nothing until it goes on.
    void pause();
    void go_on();

    /// What it answers to lines that a person could type.
    std::string ask(const std::string& lines) const;
    /// All that it wrote to its disk.
    std::string disk() const;

    /// PEM, of those who trust it.
    static std::string authority();

private:
    void signal(int number) const;

    redis_configuration configuration_;
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    std::optional<child_process> process_;
    int id_ = 0;
};

} // namespace coauth_test

#endif
