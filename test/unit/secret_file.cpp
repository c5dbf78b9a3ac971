#include <coauth/secret_file.hpp>

#include "expect.hpp"

#include <boost/system/errc.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace coauth;
using namespace coauth::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace errc_of = boost::system::errc;
namespace fs = std::filesystem;

/// A folder of one test.
class folder {
public:
    folder()
    {
        std::string name = (fs::temp_directory_path() / "coauth-XXXXXX").string();
        BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~folder() { fs::remove_all(path_); }
    folder(const folder&) = delete;

    std::string path(std::string_view name) const { return (path_ / name).string(); }
    std::string file(std::string_view content) const
    {
        std::ofstream(path("file"), std::ios::binary | std::ios::trunc) << content;
        return path("file");
    }
    std::string pipe() const
    {
        BOOST_TEST_REQUIRE(::mkfifo(path("pipe").c_str(), S_IRUSR | S_IWUSR) == 0);
        return path("pipe");
    }

private:
    fs::path path_;
};

std::string text(const result<secret>& read)
{
    return read ? std::string(read->expose()) : read.error().code().message();
}

bool fails(const result<secret>& read, errc_of::errc_t with) { return failure(read).code() == with; }

using reading = std::future<result<secret>>;

reading start(const std::string& path, std::size_t most_bytes, std::chrono::milliseconds patience)
{
    return std::async(std::launch::async,
                      [=] { return detail::read_file_within(path, most_bytes, patience); });
}

bool has_ended(reading& read, std::chrono::milliseconds within)
{
    return read.wait_for(within) == std::future_status::ready;
}

/// A pipe with a writer, until that is closed.
class written_pipe {
public:
    explicit written_pipe(const std::string& path)
        : value_(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) // O_WRONLY would want a reader first
    {
        BOOST_TEST_REQUIRE(value_ >= 0);
    }
    ~written_pipe() { close(); }
    written_pipe(const written_pipe&) = delete;

    /// Write all of it, unless the reader ends before, and return when the reader has it.
    void write(std::string_view content, reading& to)
    {
        while (!content.empty() && !has_ended(to, milliseconds(0))) {
            const ssize_t size = ::write(value_, content.data(), content.size());
            if (size > 0)
                content.remove_prefix(static_cast<std::size_t>(size));
            else
                std::this_thread::sleep_for(milliseconds(1));
        }
        for (int unread = 1; unread != 0 && !has_ended(to, milliseconds(1));)
            BOOST_TEST_REQUIRE(::ioctl(value_, FIONREAD, &unread) == 0);
    }
    void close()
    {
        if (value_ >= 0)
            ::close(std::exchange(value_, -1));
    }

private:
    int value_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(secret_file)

BOOST_AUTO_TEST_CASE(the_whole_text_and_nothing_else)
{
    const folder here;
    for (const std::string& each :
         {std::string(), std::string("x"), std::string("a\nb\r\n"), std::string("\0\xff\0", 3), all_bytes(),
          std::string(4095, 'a'), std::string(4096, 'b'), std::string(4097, 'c'), std::string(70'000, 'd')})
        BOOST_TEST((text(read_secret_file(here.file(each), 70'000)) == each), each.size());
}

BOOST_AUTO_TEST_CASE(DO14_files_have_a_bound)
{
    const folder here;
    for (const std::size_t most : {std::size_t(0), std::size_t(1), std::size_t(4095), std::size_t(4096),
                                   std::size_t(4097), std::size_t(8192), std::size_t(1024 * 1024)}) {
        BOOST_TEST(text(read_secret_file(here.file(std::string(most, 'x')), most)).size() == most);
        for (const std::size_t more : {std::size_t(1), std::size_t(2), most + 5000})
            BOOST_TEST(fails(read_secret_file(here.file(std::string(most + more, 'x')), most),
                             errc_of::file_too_large),
                       most << " + " << more);
    }
    // A hole, which takes no place on the disk. 32-bit programs open no larger ones.
    fs::resize_file(here.file("x"), std::uintmax_t(1) << (sizeof(std::size_t) == 4 ? 30 : 33));
    BOOST_TEST(fails(read_secret_file(here.path("file"), 8192), errc_of::file_too_large));
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_read)
{
    const folder here;
    BOOST_TEST(fails(read_secret_file(here.path("missing"), 10), errc_of::no_such_file_or_directory));
    BOOST_TEST(fails(read_secret_file("", 10), errc_of::no_such_file_or_directory));
    BOOST_TEST(fails(read_secret_file(here.path("."), 10), errc_of::is_a_directory));
    BOOST_TEST(fails(read_secret_file(here.file("x") + "/y", 10), errc_of::not_a_directory));
    // The system would read the path up to the NUL.
    BOOST_TEST(fails(read_secret_file(here.file("x") + std::string("\0y", 2), 10),
                     errc_of::no_such_file_or_directory));
    ::chmod(here.file("x").c_str(), 0);
    if (::geteuid() != 0) // root may read all files
        BOOST_TEST(fails(read_secret_file(here.path("file"), 10), errc_of::permission_denied));
    fs::create_symlink("loop", here.path("loop"));
    BOOST_TEST(fails(read_secret_file(here.path("loop"), 10), errc_of::too_many_symbolic_link_levels));
}

BOOST_AUTO_TEST_CASE(DO14_devices_are_not_read)
{
    for (const char* const device : {"/dev/zero", "/dev/null", "/dev/urandom", "/dev/full"})
        if (fs::exists(device))
            BOOST_TEST(fails(read_secret_file(device, 1024 * 1024), errc_of::not_supported), device);
}

BOOST_AUTO_TEST_CASE(links_are_followed)
{
    const folder here;
    here.file("behind a link");
    fs::create_symlink("file", here.path("link")); // as Kubernetes mounts secrets
    BOOST_TEST(text(read_secret_file(here.path("link"), 100)) == "behind a link");
}

BOOST_AUTO_TEST_CASE(DO14_a_pipe_without_a_writer_is_empty)
{
    const folder here;
    const std::string path = here.pipe();
    reading read = start(path, 100, seconds(0));
    const bool ended = has_ended(read, seconds(60));
    BOOST_TEST(ended);
    if (!ended) // so that the test ends as well
        written_pipe writer(path);
    BOOST_TEST(text(read.get()) == "");
}

BOOST_AUTO_TEST_CASE(a_pipe_is_read_until_its_writer_closes_it)
{
    for (const std::size_t size : {std::size_t(1), std::size_t(300'000)}) { // a pipe holds less than that
        const folder here;
        const std::string path = here.pipe();
        written_pipe writer(path);
        reading read = start(path, size, std::chrono::minutes(5));
        std::string content;
        while (content.size() < size)
            content += all_bytes();
        content.resize(size);
        writer.write(content, read);
        BOOST_TEST(!has_ended(read, milliseconds(20)));
        writer.close();
        BOOST_TEST((text(read.get()) == content), size);
    }
}

BOOST_AUTO_TEST_CASE(DO14_a_pipe_that_never_ends)
{
    const folder here;
    const std::string path = here.pipe();
    written_pipe writer(path);
    reading read = start(path, 100'000, std::chrono::minutes(5));
    writer.write(std::string(100'001, 'x'), read);
    BOOST_TEST(fails(read.get(), errc_of::file_too_large)); // the writer has not closed it
}

BOOST_AUTO_TEST_CASE(DO14_a_pipe_whose_writer_says_nothing)
{
    for (const int patience : {0, 1, 30}) {
        const folder here;
        const std::string path = here.pipe();
        written_pipe writer(path);
        reading read = start(path, 100, milliseconds(patience));
        BOOST_TEST(has_ended(read, seconds(60)));
        writer.close();
        BOOST_TEST(fails(read.get(), errc_of::timed_out), patience);
    }
}

BOOST_AUTO_TEST_SUITE_END()
