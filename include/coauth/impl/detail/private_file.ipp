#ifndef COAUTH_IMPL_DETAIL_PRIVATE_FILE_IPP
#define COAUTH_IMPL_DETAIL_PRIVATE_FILE_IPP

#include <coauth/detail/private_file.hpp>

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL file_descriptor::~file_descriptor()
{
    if (value_ >= 0)
        ::close(value_);
}

/// What failed opens mean: a symbolic link is ELOOP (EMLINK, EFTYPE on some systems), and no failure of the disk.
inline errc open_failure(int number) noexcept
{
    switch (number) {
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
    case EDQUOT:
    case EINTR:
    case ESTALE:
        return errc::token_store_failed;
    default:
        return errc::invalid_configuration;
    }
}

/// Whether it is a file as private_file wants it.
inline bool is_private(const file_descriptor& file, struct stat& about) noexcept
{
    return ::fstat(file.get(), &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == ::geteuid() &&
           (about.st_mode & (S_IRWXG | S_IRWXO)) == 0 && about.st_nlink == 1;
}

COAUTH_DECL private_file::private_file(std::string path, std::size_t most_bytes) : most_bytes_(most_bytes)
{
    const std::size_t slash = path.find_last_of('/');
    name_ = slash == path.npos ? path : path.substr(slash + 1);
    directory_ = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

COAUTH_DECL result<file_descriptor> private_file::open_directory() const
{
    if (name_.empty() || name_ == "." || name_ == ".." || name_.find('\0') != name_.npos ||
        directory_.find('\0') != directory_.npos)
        return errc::invalid_configuration;
    file_descriptor directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory)
        return open_failure(errno);
    struct stat about;
    if (::fstat(directory.get(), &about) != 0)
        return errc::token_store_failed;
    // Whoever may write to it may exchange the file.
    if ((about.st_uid != ::geteuid() && about.st_uid != 0) || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return errc::invalid_configuration;
    return directory;
}

COAUTH_DECL result<std::optional<secure_bytes>> private_file::read() const
{
    const auto directory = open_directory();
    if (!directory)
        return directory.error();
    // O_NONBLOCK: somebody could put a pipe there.
    const file_descriptor file(
        ::openat(directory->get(), name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT)
            return std::optional<secure_bytes>();
        return open_failure(errno);
    }
    struct stat about;
    if (!is_private(file, about) || about.st_size < 0 ||
        static_cast<std::size_t>(about.st_size) > most_bytes_)
        return errc::invalid_configuration;
    secure_bytes out(static_cast<std::size_t>(about.st_size));
    std::size_t have = 0;
    while (have < out.size()) {
        const ssize_t size = ::read(file.get(), out.data() + have, out.size() - have);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0) // a file that is replaced as a whole does not become shorter
            return errc::token_store_failed;
        have += static_cast<std::size_t>(size);
    }
    return std::optional<secure_bytes>(std::move(out));
}

inline bool write_all(const file_descriptor& file, std::string_view content) noexcept
{
    while (!content.empty()) {
        const ssize_t size = ::write(file.get(), content.data(), content.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return false;
        content.remove_prefix(static_cast<std::size_t>(size));
    }
    return ::fsync(file.get()) == 0;
}

COAUTH_DECL result<void> private_file::replace(std::string_view content) const
{
    if (content.size() > most_bytes_)
        return errc::sealed_data_too_large;
    const auto directory = open_directory();
    if (!directory)
        return directory.error();
    // One name, as whoever has the lock is the only one who writes: what a crash left behind is taken away.
    const std::string temporary = name_ + ".new";
    if (::unlinkat(directory->get(), temporary.c_str(), 0) != 0 && errno != ENOENT)
        return open_failure(errno);
    const file_descriptor file(::openat(directory->get(), temporary.c_str(),
                                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                        S_IRUSR | S_IWUSR));
    if (!file)
        return open_failure(errno);
    if (!write_all(file, content) ||
        ::renameat(directory->get(), temporary.c_str(), directory->get(), name_.c_str()) != 0) {
        ::unlinkat(directory->get(), temporary.c_str(), 0);
        return errc::token_store_failed;
    }
    // The new name has to survive a crash as well; not all file systems can be asked to see to it.
    if (::fsync(directory->get()) != 0 && errno != EINVAL)
        return errc::token_store_failed;
    return {};
}

COAUTH_DECL result<file_descriptor> private_file::try_lock() const
{
    const auto directory = open_directory();
    if (!directory)
        return directory.error();
    // The file itself is replaced all the time: the lock is on one that stays.
    file_descriptor file(::openat(directory->get(), (name_ + ".lock").c_str(),
                                  O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!file)
        return open_failure(errno);
    struct stat about;
    if (!is_private(file, about))
        return errc::invalid_configuration;
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return file_descriptor();
        if (errno != EINTR)
            return errc::token_store_failed;
    }
    return file;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
