#ifndef COAUTH_IMPL_SECRET_FILE_IPP
#define COAUTH_IMPL_SECRET_FILE_IPP

#include <coauth/secret_file.hpp>

#include <boost/system/errc.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#define COAUTH_READS_PIPES
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#include <cstdio>
#include <memory>
#endif

namespace coauth::inline COAUTH_MODE::detail {

inline error_code system_error(int number, int otherwise) noexcept
{
    return {number != 0 ? number : otherwise, boost::system::generic_category()};
}

/** Call `read` until it has no more, or the bound is passed.

    @param read takes a place and its size; returns the number of bytes put there, 0 at the end, or an error
*/
template <class Read>
result<secret> read_up_to(std::size_t most_bytes, Read&& read)
{
    constexpr std::size_t first_block = 4096;
    secure_bytes out;
    std::size_t have = 0;
    while (have <= most_bytes) {
        // The size of the file is not asked for: that of a pipe is unknown, and a file can grow.
        if (have == out.size())
            out.resize(std::min(most_bytes + 1, have + std::max(have, first_block)));
        const result<std::size_t> size = read(out.data() + have, out.size() - have);
        if (!size)
            return size.error();
        if (*size == 0) {
            out.resize(have);
            return secret(std::move(out));
        }
        have += *size;
    }
    return system_error(EFBIG, EFBIG);
}

#ifdef COAUTH_READS_PIPES

/// A file that is open for reading, as long as this lives.
class readable_file {
public:
    // O_NONBLOCK: open() would wait for the writer of a pipe, or for a device.
    explicit readable_file(const std::string& path) noexcept
        : value_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC))
    {
    }
    readable_file(const readable_file&) = delete;
    ~readable_file()
    {
        if (value_ >= 0)
            ::close(value_);
    }
    int get() const noexcept { return value_; }

private:
    int value_;
};

/// Wait until the other end of a pipe writes or closes. @return 0, or the number of the system's error
inline int wait_for_writer(int file, std::chrono::steady_clock::time_point deadline) noexcept
{
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds::zero())
        return ETIMEDOUT;
    pollfd one{file, POLLIN, 0};
    constexpr milliseconds longest(60'000); // poll() takes an int
    if (::poll(&one, 1, static_cast<int>(std::min(left, longest).count())) < 0 && errno != EINTR)
        return errno;
    return 0;
}

COAUTH_DECL result<secret> read_file_within(const std::string& path, std::size_t most_bytes,
                                            std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    if (path.find('\0') != path.npos)
        return system_error(ENOENT, ENOENT);
    const readable_file file(path);
    if (file.get() < 0)
        return system_error(errno, ENOENT);
    struct stat about;
    if (::fstat(file.get(), &about) != 0)
        return system_error(errno, EIO);
    if (S_ISDIR(about.st_mode))
        return system_error(EISDIR, EISDIR);
    if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))
        return system_error(ENOTSUP, ENOTSUP);

    return read_up_to(most_bytes, [&](char* place, std::size_t room) -> result<std::size_t> {
        while (true) {
            const ssize_t size = ::read(file.get(), place, room);
            if (size >= 0)
                return static_cast<std::size_t>(size);
            if (errno == EINTR)
                continue;
            if (errno != EAGAIN)
                return system_error(errno, EIO);
            if (const int failed = wait_for_writer(file.get(), deadline); failed != 0)
                return system_error(failed, EIO);
        }
    });
}

#else

COAUTH_DECL result<secret> read_file_within(const std::string& path, std::size_t most_bytes,
                                            std::chrono::milliseconds)
{
    struct closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    errno = 0;
    const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rb"));
    if (!file)
        return system_error(errno, ENOENT);
    std::setvbuf(file.get(), nullptr, _IONBF, 0); // no buffer of the C library keeps a part of the text
    return read_up_to(most_bytes, [&](char* place, std::size_t room) -> result<std::size_t> {
        const std::size_t size = std::fread(place, 1, room, file.get());
        if (size == 0 && std::ferror(file.get()) != 0)
            return system_error(errno, EIO);
        return size;
    });
}

#endif

#undef COAUTH_READS_PIPES

} // namespace coauth::inline COAUTH_MODE::detail

#endif
