// What Python callers get: NumPy arrays, the classes of loquor/_results.py, dicts.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loquor/model.hpp"
#include "loquor/output.hpp"

namespace loquor::python {

namespace py = pybind11;

/// An array over the values themselves, which it takes over; nothing is copied.
py::array_t<float> array_of(std::vector<float> values, std::vector<std::int64_t> shape);
py::array_t<float> array_of(Logits logits);

py::object timings_object(const Timings& timings);
py::object piece_object(const Piece& piece);
py::object output_object(const Output& output);
py::object from_json(const std::string& json);

}  // namespace loquor::python
