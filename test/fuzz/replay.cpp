// main() of a fuzz target without a fuzzer: every file of a folder once, and everything that it begins with.
#include "fuzz.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

void run(const std::vector<std::uint8_t>& whole, std::size_t size)
{
    // A copy of that size, so that an address sanitizer sees what reads beyond it.
    const std::vector<std::uint8_t> copy(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

} // namespace

int main(int argument_count, char** arguments)
{
    std::size_t files = 0;
    for (int i = 1; i < argument_count; ++i)
        for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::vector<std::uint8_t> bytes(std::istreambuf_iterator<char>(file), {});
            std::fprintf(stderr, "%s\n", entry.path().filename().c_str());
            run(bytes, bytes.size());
            const std::size_t step = bytes.size() / 512 + 1;
            for (std::size_t size = 0; size < bytes.size(); size += step)
                run(bytes, size);
            ++files;
        }
    std::fprintf(stderr, "%zu files\n", files);
    return files == 0 ? 1 : 0;
}
