extension SchemaMigrator {
    /// Every step there is, one file each.
    static let sedge = SchemaMigrator([.version1, .version2, .version3, .version4, .version5])
}
