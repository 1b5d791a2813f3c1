/// Makes a fixed number of features of each window.
package protocol WindowReader: Sendable {
    var name: String { get }
    var kind: ResultTable.Kind { get }

    /// - Returns: (windows, features), always finite.
    func features(of windows: LabelledWindows) throws -> [[Double]]
}
