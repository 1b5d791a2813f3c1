package import SedgeCore

/// What a store has to know besides its path.
package struct StoreOptions: Sendable {
    package var node: NodeID
    /// New at every start of the process; stands in every insight.
    package var bootID: String
    /// Bytes a UTC day that checkpoints and pruning may not exceed; insights are always written.
    package var flashBudgetPerDay: Int64 = 200_000_000
    /// Acknowledgements kept in memory before they are written by themselves.
    package var acknowledgementLimit = 256
    /// WAL pages after which it is copied into the database. A hot page is copied once, however often it changed,
    /// so a long log spares flash; 1000 pages are 4 MB.
    package var logPages = 1000
    /// The wall clock, for the day that written bytes count for.
    package var now: @Sendable () -> Timestamp = { SystemTime.now() }

    package init(node: NodeID, bootID: String) {
        self.node = node
        self.bootID = bootID
    }
}
