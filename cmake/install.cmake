# cmake --install: headers, both libraries, a config package for find_package and a .pc file for pkg-config.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/loquor)
install(DIRECTORY include/loquor DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES capi/loquor.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS loquor_shared loquor_static EXPORT loquorTargets)
install(EXPORT loquorTargets NAMESPACE loquor:: DESTINATION ${package_dir})
configure_package_config_file(cmake/loquorConfig.cmake.in ${PROJECT_BINARY_DIR}/loquorConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/loquorConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/loquorConfig.cmake ${PROJECT_BINARY_DIR}/loquorConfigVersion.cmake cmake/dnnl.cmake
  DESTINATION ${package_dir})
# Relative, so that an installation can be moved and --prefix holds.
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/loquor.pc.in ${PROJECT_BINARY_DIR}/loquor.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/loquor.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
