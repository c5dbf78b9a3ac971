// The README's program does what the README says.
#include "child_process.hpp"

#include <coauth/testing/authorization_server.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

using coauth_test::child_process;
namespace data = boost::unit_test::data;

class temporary_file {
public:
    temporary_file()
    {
        const int file = mkstemp(path_.data());
        if (file < 0)
            throw std::runtime_error("no temporary file");
        close(file);
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() { std::remove(path_.c_str()); }

    const std::string& path() const noexcept { return path_; }
    void write(std::string_view content) { std::ofstream(path_) << content; }
    std::string content() const
    {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

private:
    std::string path_ = "/tmp/coauth-readme-XXXXXX";
};

/// A provider on the network with a person and the client, and the program in front of it.
class scene {
public:
    explicit scene(const std::string& program)
    {
        provider_.add_user(coauth::testing::user("ada", "correct horse").set_claim("name", "Ada"));
        provider_.add_client(
            coauth::testing::registered_client("readme").add_redirect_uri("http://127.0.0.1/callback"));
        provider_.listen();
        // The program trusts what the system trusts; OpenSSL lets that be said by a variable.
        authority_.write(provider_.ca_pem());
        program_.emplace(std::vector<std::string>{program, provider_.issuer(), "readme"},
                         std::vector<std::string>{"SSL_CERT_FILE=" + authority_.path()}, errors_.path());
    }

    /// Signs in where the program says. @return the address that the browser ends up at
    std::string sign_in()
    {
        const std::string line = program_->read_line();
        BOOST_REQUIRE_MESSAGE(line.starts_with("Open https://"), line);
        BOOST_TEST(program_->read_line() == "and paste the address of the page that you end up at:");
        return provider_.sign_in(line.substr(5), "ada", "correct horse").callback_url();
    }

    child_process& program() { return *program_; }
    std::string issuer() const { return provider_.issuer(); }
    std::string errors() const { return errors_.content(); }
    std::size_t token_requests() const { return provider_.count(coauth::testing::endpoint::token); }

private:
    coauth::testing::authorization_server provider_;
    temporary_file authority_;
    temporary_file errors_;
    std::optional<child_process> program_;
};

const auto programs = data::make({HEADER_ONLY_PROGRAM, COMPILED_PROGRAM});

} // namespace

BOOST_AUTO_TEST_SUITE(readme)

BOOST_DATA_TEST_CASE(signs_a_person_in, programs, program)
{
    scene here(program);
    here.program().write_line(here.sign_in());
    BOOST_TEST(here.program().read_rest() ==
               "Signed in: ada of " + here.issuer() + ", who goes by the name of Ada\n");
    BOOST_TEST(here.program().wait() == 0);
    BOOST_TEST(here.errors() == "");
}

BOOST_DATA_TEST_CASE(says_what_is_wrong, programs, program)
{
    scene here(program);
    std::string address = here.sign_in();
    const auto at = address.find("state=");
    BOOST_REQUIRE(at != address.npos);
    address.replace(at + 6, 10, 10, 'A');
    here.program().write_line(address);
    BOOST_TEST(here.program().read_rest() == "");
    BOOST_TEST(here.program().wait() == 1);
    BOOST_TEST(here.errors().starts_with("coauth.client:state_mismatch: "));
    BOOST_TEST(here.token_requests() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
