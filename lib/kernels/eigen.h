// Eigen as we use it: single-threaded, and without assertions, which would end the host's process.
#pragma once

#define EIGEN_DONT_PARALLELIZE
#define EIGEN_NO_DEBUG
#include <Eigen/Core>
