#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Recorded data for tests, in the folder that `SEDGE_DATA` names.
///
/// `@Test(.enabled(if: TestData.has("skab"), TestData.note))`
package enum TestData {
    package static var folder: String? { environment("SEDGE_DATA") }

    package static func path(_ name: String) -> String? { folder.map { "\($0)/\(name)" } }

    package static func has(_ name: String) -> Bool { path(name).map { access($0, R_OK) == 0 } ?? false }

    /// Why a test is skipped.
    package static let note = "needs recorded data: set SEDGE_DATA to its folder"
}
