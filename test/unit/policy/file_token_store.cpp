#include <coauth/policy/file_token_store.hpp>

#include "../expect.hpp"
#include "logins.hpp"
#include "run.hpp"

#include <coauth/testing/check_token_store.hpp>

#include <boost/asio/static_thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace coauth;
using namespace coauth::test;
using coauth_test::run;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

constexpr std::string_view refused = "coauth.client:invalid_configuration";
constexpr std::string_view broken = "coauth.client:seal_broken";

/// A folder of one test, with a token file in it.
struct folder {
    folder()
    {
        std::string name = (fs::temp_directory_path() / "coauth-XXXXXX").string();
        BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~folder()
    {
        fs::permissions(path, fs::perms::owner_all);
        fs::remove_all(path);
    }
    folder(const folder&) = delete;

    std::string file() const { return (path / "tokens").string(); }
    std::string other(std::string_view name) const { return (path / name).string(); }
    file_token_store store(std::size_t most_bytes = file_token_store::default_most_bytes) const
    {
        return file_token_store(file(), keys, "https://as.example", most_bytes);
    }

    fs::path path;
    seal_key_ring keys = seal_key_ring::generate().value();
};

shared_tokens tokens_named(std::string_view name)
{
    token_set out(secret(name), "Bearer", scope());
    out.set_refresh_token(secret("refresh"));
    return std::make_shared<const token_set>(std::move(out));
}

std::string put(file_token_store store, std::string_view name = "access")
{
    return outcome_name(run(store.put("k", tokens_named(name))));
}
/// The access token, or the error's name.
std::string load(file_token_store store)
{
    const auto found = run(store.load("k", 0));
    return found ? std::string(found->tokens()->access_token().expose()) : found.error().qualified_name();
}

std::string content_of(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
void write(const fs::path& path, std::string_view content)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

unsigned mode_of(const fs::path& path)
{
    struct stat about;
    return ::lstat(path.c_str(), &about) == 0 ? static_cast<unsigned>(about.st_mode) & 07777u : 0;
}

std::string lines(const std::vector<std::string>& sentences)
{
    std::string out;
    for (const std::string& one : sentences)
        out += one + '\n';
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(policy_file_token_store)

BOOST_AUTO_TEST_CASE(keeps_the_rules)
{
    const folder here;
    const auto store = std::make_shared<file_token_store>(here.store());
    BOOST_TEST(lines(run(testing::check_token_store(store))) == "");
    boost::asio::static_thread_pool threads(4);
    auto done = boost::asio::co_spawn(threads, testing::check_token_store(store), boost::asio::use_future);
    BOOST_TEST(lines(done.get()) == "");
}

BOOST_AUTO_TEST_CASE(LG8_kept_sealed_and_for_the_user_only)
{
    const folder here;
    const auto before = ::umask(0);
    BOOST_TEST(put(here.store(), "canary-access-token") == "ok");
    ::umask(before);
    BOOST_TEST(load(here.store()) == "canary-access-token");
    BOOST_TEST(mode_of(here.file()) == 0600u);
    BOOST_TEST(mode_of(here.file() + ".lock") == 0600u);
    BOOST_TEST(!fs::exists(here.file() + ".new"));
    const std::string content = content_of(here.file());
    for (const char* const part : {"canary", "refresh", "Bearer"})
        BOOST_TEST(!contains(content, part));
}

BOOST_AUTO_TEST_CASE(LG8_symbolic_links_are_refused)
{
    const folder here;
    BOOST_TEST(put(here.store()) == "ok");
    fs::rename(here.file(), here.other("elsewhere"));
    fs::create_symlink(here.other("elsewhere"), here.file());
    BOOST_TEST(load(here.store()) == refused);
    BOOST_TEST(put(here.store()) == refused);
    fs::remove(here.file());
    fs::create_symlink(here.other("not-there"), here.file()); // which a write would make
    BOOST_TEST(load(here.store()) == refused);
    BOOST_TEST(put(here.store()) == refused);
    BOOST_TEST(!fs::exists(here.other("not-there")));
    fs::remove(here.file());

    fs::remove(here.file() + ".lock");
    fs::create_symlink(here.other("not-there"), here.file() + ".lock");
    BOOST_TEST(put(here.store()) == refused);
    BOOST_TEST(!fs::exists(here.other("not-there")));
    fs::remove(here.file() + ".lock");

    // What lies in the place of the new file is not followed, but taken away.
    write(here.other("precious"), "precious");
    fs::create_symlink(here.other("precious"), here.file() + ".new");
    BOOST_TEST(put(here.store(), "fresh") == "ok");
    BOOST_TEST(content_of(here.other("precious")) == "precious");
    BOOST_TEST(load(here.store()) == "fresh");
    BOOST_TEST(fs::is_regular_file(fs::symlink_status(here.file())));
}

BOOST_AUTO_TEST_CASE(LG8_what_others_may_read_or_exchange_is_refused)
{
    const folder here;
    BOOST_TEST(put(here.store()) == "ok");
    for (const unsigned mode : {0640u, 0604u, 0620u, 0602u, 0610u, 0601u, 0666u}) {
        ::chmod(here.file().c_str(), mode);
        BOOST_TEST(load(here.store()) == refused, mode);
        BOOST_TEST(put(here.store()) == refused, mode);
    }
    ::chmod(here.file().c_str(), 0600);
    ::chmod((here.file() + ".lock").c_str(), 0644);
    BOOST_TEST(put(here.store()) == refused);
    ::chmod((here.file() + ".lock").c_str(), 0600);
    for (const unsigned mode : {0770u, 0707u, 0720u, 0702u, 01777u}) {
        ::chmod(here.path.c_str(), mode);
        BOOST_TEST(load(here.store()) == refused, mode);
        BOOST_TEST(put(here.store()) == refused, mode);
    }
    ::chmod(here.path.c_str(), 0755); // reading names does no harm
    BOOST_TEST(load(here.store()) == "access");
    fs::create_hard_link(here.file(), here.other("second-name"));
    BOOST_TEST(load(here.store()) == refused);
    fs::remove(here.other("second-name"));
    BOOST_TEST(load(here.store()) == "access");
}

BOOST_AUTO_TEST_CASE(LG8_files_of_somebody_else_are_refused)
{
    if (::geteuid() != 0) {
        BOOST_TEST_MESSAGE("only root can give files away");
        return;
    }
    const folder here;
    BOOST_TEST(put(here.store()) == "ok");
    BOOST_TEST_REQUIRE(::chown(here.file().c_str(), 12345, 12345) == 0);
    BOOST_TEST(load(here.store()) == refused);
    BOOST_TEST(put(here.store()) == refused);
    BOOST_TEST_REQUIRE(::chown(here.file().c_str(), 0, 0) == 0);
    BOOST_TEST_REQUIRE(::chown((here.file() + ".lock").c_str(), 12345, 12345) == 0);
    BOOST_TEST(put(here.store()) == refused);
    BOOST_TEST_REQUIRE(::chown((here.file() + ".lock").c_str(), 0, 0) == 0);
    BOOST_TEST_REQUIRE(::chown(here.path.c_str(), 12345, 12345) == 0);
    BOOST_TEST(load(here.store()) == refused);
    BOOST_TEST_REQUIRE(::chown(here.path.c_str(), 0, 0) == 0);
    BOOST_TEST(load(here.store()) == "access");
}

BOOST_AUTO_TEST_CASE(other_things_than_files)
{
    const folder here;
    BOOST_TEST_REQUIRE(::mkfifo(here.file().c_str(), 0600) == 0);
    BOOST_TEST(load(here.store()) == refused); // and does not wait for a writer
    fs::remove(here.file());
    fs::create_directory(here.file());
    BOOST_TEST(load(here.store()) == refused);
    BOOST_TEST(put(here.store()) == refused);
    for (const std::string& path : {std::string(), here.path.string() + "/", here.other("no/folder/tokens"),
                                    here.other(".."), std::string("/"), here.other("a") + '\0' + 'b'}) {
        file_token_store store(path, here.keys, "x");
        BOOST_TEST(load(store) == refused, path);
        BOOST_TEST(put(store) == refused, path);
    }
}

BOOST_AUTO_TEST_CASE(changed_files)
{
    const folder here;
    BOOST_TEST(put(here.store()) == "ok");
    const std::string content = content_of(here.file());
    for (std::size_t i = 0; i < content.size(); ++i) {
        std::string changed = content;
        changed[i] = static_cast<char>(changed[i] ^ 0x10);
        write(here.file(), changed);
        BOOST_TEST(load(here.store()) == broken, i);
        write(here.file(), content.substr(0, i));
        BOOST_TEST(load(here.store()) == broken, i);
    }
    // Nothing overwrites what could not be read.
    BOOST_TEST(put(here.store(), "new") == broken);
    write(here.file(), content);
    BOOST_TEST(load(here.store()) == "access");
    BOOST_TEST(load(file_token_store(here.file(), here.keys, "https://other.example")) == broken);
    BOOST_TEST(load(file_token_store(here.file(), seal_key_ring::generate().value(), "https://as.example")) ==
               broken);
}

BOOST_AUTO_TEST_CASE(more_than_was_agreed)
{
    const folder here;
    BOOST_TEST(put(here.store(1000), "access") == "ok");
    BOOST_TEST(put(here.store(1000), std::string(2000, 'x')) == "coauth.client:sealed_data_too_large");
    BOOST_TEST(load(here.store(1000)) == "access"); // it is as it was
    BOOST_TEST(put(here.store(), std::string(2000, 'x')) == "ok");
    BOOST_TEST(load(here.store(1000)) == refused);
    BOOST_TEST(load(here.store()) == std::string(2000, 'x'));
    auto store = here.store();
    BOOST_TEST(outcome_name(run(store.put("", tokens_named("x")))) == "coauth.client:invalid_parameter");
    BOOST_TEST(outcome_name(run(store.put(std::string(513, 'k'), tokens_named("x")))) ==
               "coauth.client:invalid_parameter");
    BOOST_TEST(outcome_name(run(store.put("k", nullptr))) == "coauth.client:invalid_parameter");
}

BOOST_AUTO_TEST_CASE(generations_go_on_after_the_file_was_deleted)
{
    const folder here;
    auto store = here.store();
    const auto first = run(store.put("k", tokens_named("a"))).value();
    fs::remove(here.file());
    BOOST_TEST(load(here.store()) == "coauth.client:grant_unknown");
    std::this_thread::sleep_for(milliseconds(2));
    BOOST_TEST(run(store.put("k", tokens_named("b"))).value() > first);
}

BOOST_AUTO_TEST_CASE(waiting_for_the_lock_ends_with_a_cancellation)
{
    const folder here;
    BOOST_TEST(put(here.store()) == "ok");
    const int lock = ::open((here.file() + ".lock").c_str(), O_RDWR | O_CLOEXEC);
    BOOST_TEST_REQUIRE(::flock(lock, LOCK_EX) == 0);
    BOOST_TEST(load(here.store()) == "access"); // reading needs none
    auto store = here.store();
    coauth_test::stepped_operation<result<std::uint64_t>> waiting(store.put("k", tokens_named("late")));
    waiting.run_steps(3);
    BOOST_TEST(waiting.completions() == 0);
    waiting.cancel(boost::asio::cancellation_type::terminal);
    BOOST_TEST((failure(waiting.finish()).code() == boost::asio::error::operation_aborted));
    // And with the lock.
    coauth_test::stepped_operation<result<std::uint64_t>> again(store.put("k", tokens_named("late")));
    again.run_steps(3);
    BOOST_TEST(again.completions() == 0);
    ::close(lock);
    BOOST_TEST(outcome_name(again.finish()) == "ok");
    BOOST_TEST(load(here.store()) == "late");
}

BOOST_AUTO_TEST_CASE(one_lease_for_many_processes)
{
    const folder here;
    BOOST_TEST(put(here.store()) == "ok");
    std::vector<pid_t> children;
    for (unsigned char i = 0; i < 6; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            auto store = here.store();
            const auto mine = run(store.acquire("k", numbered(i + 1u), std::chrono::hours(1), 0, 0));
            std::_Exit(!mine ? 2 : mine->state() == lease_state::granted ? 1 : 0);
        }
        children.push_back(child);
    }
    int granted = 0;
    for (const pid_t child : children) {
        int status = 0;
        BOOST_TEST(::waitpid(child, &status, 0) == child);
        BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) < 2));
        granted += WEXITSTATUS(status);
    }
    BOOST_TEST(granted == 1);
}

BOOST_AUTO_TEST_CASE(LG8_whoever_is_killed_while_writing_leaves_a_whole_file)
{
    const folder here;
    BOOST_TEST(put(here.store(), "0") == "ok");
    for (int round = 0; round < 12; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (int i = 0;; ++i)
                if (put(here.store(), std::string(5000, 'x') + std::to_string(i)) != "ok")
                    std::_Exit(1);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(3000 + round * 1700));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_TEST(WIFSIGNALED(status));
        const std::string found = load(here.store());
        BOOST_TEST(!contains(found, "coauth"), found);
        BOOST_TEST(put(here.store(), "after") == "ok"); // no lock stays behind
        BOOST_TEST(load(here.store()) == "after");
    }
}

BOOST_AUTO_TEST_CASE(keys_in_a_file)
{
    const folder here;
    const auto made = load_or_make_seal_keys(here.other("keys"));
    BOOST_TEST_REQUIRE(made.has_value());
    BOOST_TEST(mode_of(here.other("keys")) == 0600u);
    const auto again = load_or_make_seal_keys(here.other("keys"));
    BOOST_TEST_REQUIRE(again.has_value());
    BOOST_TEST(put(file_token_store(here.file(), *made, "x")) == "ok");
    BOOST_TEST(load(file_token_store(here.file(), *again, "x")) == "access");
    BOOST_TEST(outcome_name(seal_key_ring::load(here.other("keys"))) == "ok");
    fs::resize_file(here.other("keys"), 1024 * 1024 + 1);
    BOOST_TEST(outcome_name(load_or_make_seal_keys(here.other("keys"))) == refused);
    const std::string line = numbered(1).to_string();
    write(here.other("keys"), line + std::string(1024 * 1024 - line.size(), '\n'));
    BOOST_TEST(outcome_name(load_or_make_seal_keys(here.other("keys"))) == "ok");
    ::chmod(here.other("keys").c_str(), 0640);
    BOOST_TEST(outcome_name(load_or_make_seal_keys(here.other("keys"))) == refused);
    write(here.other("keys"), "no keys");
    BOOST_TEST(outcome_name(load_or_make_seal_keys(here.other("keys"))) == refused);
    fs::create_symlink(here.other("keys"), here.other("link"));
    BOOST_TEST(outcome_name(load_or_make_seal_keys(here.other("link"))) == refused);
    BOOST_TEST(outcome_name(load_or_make_seal_keys(here.other("no/keys"))) == refused);
}

BOOST_AUTO_TEST_CASE(keys_that_two_make_at_once_are_the_same)
{
    for (int round = 0; round < 10; ++round) {
        const folder here;
        std::vector<std::thread> threads;
        std::vector<std::string> outcomes(4);
        for (std::size_t i = 0; i < outcomes.size(); ++i)
            threads.emplace_back([&here, &outcomes, i] {
                const auto keys = load_or_make_seal_keys(here.other("keys"));
                outcomes[i] = outcome_name(keys);
                if (keys)
                    outcomes[i] = put(file_token_store(here.file(), *keys, "x"));
            });
        for (std::thread& one : threads)
            one.join();
        for (const std::string& outcome : outcomes)
            BOOST_TEST(outcome == "ok");
    }
}

BOOST_AUTO_TEST_SUITE_END()
