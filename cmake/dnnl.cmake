# oneDNN as loquor_dnnl, looked up by hand: Debian's package file for find_package demands OpenCL's headers.
find_path(DNNL_INCLUDE_DIR dnnl.hpp REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
mark_as_advanced(DNNL_INCLUDE_DIR DNNL_LIBRARY)
add_library(loquor_dnnl UNKNOWN IMPORTED GLOBAL)
set_target_properties(loquor_dnnl PROPERTIES
  IMPORTED_LOCATION ${DNNL_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})
