extension Store {
    /// Insights that are kept, delivered or not.
    package func insightCount() throws(StoreError) -> Int {
        Int(try connection.integer("SELECT count(*) FROM insights"))
    }
}
