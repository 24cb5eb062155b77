"""Has CMake build the extension module, from the source tree that this folder lies in."""
import os
import pathlib
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        package = pathlib.Path(self.get_ext_fullpath(extension.name)).resolve().parent
        build = pathlib.Path(self.build_temp).resolve()
        jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(len(os.sched_getaffinity(0))))
        subprocess.run(
            ["cmake", "-S", HERE.parents[1], "-B", build, "-DCMAKE_BUILD_TYPE=Release",
             "-DLOQUOR_PYTHON=ON", "-DLOQUOR_TESTS=OFF", "-DLOQUOR_EXAMPLES=OFF",
             "-DLOQUOR_BENCHMARKS=OFF", f"-DPython_EXECUTABLE={sys.executable}",
             f"-DLOQUOR_PYTHON_PACKAGE={package}"], check=True)
        subprocess.run(
            ["cmake", "--build", build, "--target", "loquor_python", "-j", jobs], check=True)


setup(ext_modules=[Extension("loquor._loquor", sources=[])], cmdclass={"build_ext": CMakeBuild})
