from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy


class Coauth(ConanFile):
    name = "coauth"
    version = "0.1.0"
    description = "OAuth 2.0 and OpenID Connect client on Boost.Asio coroutines"
    license = "BSL-1.0"
    topics = ("oauth2", "openid-connect", "asio", "coroutines")
    settings = "os", "arch", "compiler", "build_type"
    # compiled: also build and offer coauth::compiled; without it the package is headers only.
    # redis: likewise coauth::redis, the stores in Redis, for which Boost has to be newer.
    # testing: likewise coauth::testing, a provider to test against; header-only programs include its headers.
    options = {"compiled": [True, False], "redis": [True, False], "testing": [True, False]}
    default_options = {"compiled": False, "redis": False, "testing": False, "boost/*:without_json": False, "boost/*:without_url": False}
    exports_sources = "CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"

    def requirements(self):
        oldest_boost = "1.84.0" if self.options.redis else "1.81.0"
        self.requires(f"boost/[>={oldest_boost} <2]", transitive_headers=True, transitive_libs=True)
        self.requires("openssl/[>=3.0 <4]", transitive_headers=True, transitive_libs=True)

    def validate(self):
        check_min_cppstd(self, 20)
        for option in ("redis", "testing"):
            if self.options.get_safe(option) and not self.options.compiled:
                raise ConanInvalidConfiguration(f"{option}=True needs compiled=True")

    def package_id(self):
        if not self.info.options.compiled:
            self.info.clear()

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["COAUTH_BUILD_TESTS"] = False
        toolchain.cache_variables["COAUTH_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["COAUTH_BUILD_COMPILED"] = bool(self.options.compiled)
        toolchain.cache_variables["COAUTH_BUILD_REDIS"] = bool(self.options.redis)
        toolchain.cache_variables["COAUTH_BUILD_TESTING_LIBRARY"] = bool(self.options.testing)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, f"{self.package_folder}/licenses")
        CMake(self).install()

    def package_info(self):
        # Consumers get the same targets as from CMake's own package files.
        requires = ["boost::headers", "boost::json", "boost::url", "openssl::ssl", "openssl::crypto"]
        header_only = self.cpp_info.components["coauth"]
        header_only.set_property("cmake_target_name", "coauth::coauth")
        header_only.requires = requires
        header_only.libdirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            header_only.system_libs = ["pthread"]
        if self.options.compiled:
            compiled = self.cpp_info.components["compiled"]
            compiled.set_property("cmake_target_name", "coauth::compiled")
            compiled.libs = ["coauth_compiled"]
            compiled.defines = ["COAUTH_SEPARATE_COMPILATION"]
            compiled.requires = ["coauth"]
        if self.options.redis:
            redis = self.cpp_info.components["redis"]
            redis.set_property("cmake_target_name", "coauth::redis")
            redis.libs = ["coauth_redis"]
            redis.requires = ["compiled"]
        if self.options.testing:
            testing = self.cpp_info.components["testing"]
            testing.set_property("cmake_target_name", "coauth::testing")
            testing.libs = ["coauth_testing"]
            testing.requires = ["compiled"]
