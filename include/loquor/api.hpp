// What the shared library exports: the namespace of each public header carries LOQUOR_API, and so
// does each function, which clang does not let inherit it; what stands behind its classes carries
// LOQUOR_HIDDEN.
#pragma once

#if defined(__GNUC__)
#define LOQUOR_API [[gnu::visibility("default")]]
#define LOQUOR_HIDDEN [[gnu::visibility("hidden")]]
#else
#define LOQUOR_API
#define LOQUOR_HIDDEN
#endif
