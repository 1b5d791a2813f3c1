/// `{"set":…,"title":…,"facts":{…},"tables":[{"title":…,"columns":[…],"rows":[{"method":…,"kind":…,"values":[…]}]}]}`;
/// panels are for eyes and left out.
extension EvaluationReport: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(set, forKey: "set")
        try container.encode(title, forKey: "title")
        var named = container.nestedContainer(keyedBy: Key.self, forKey: "facts")
        for fact in facts { try named.encode(fact.value, forKey: Key(stringLiteral: fact.name)) }
        try container.encode(tables, forKey: "tables")
    }

    private struct Key: CodingKey, ExpressibleByStringLiteral {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringLiteral value: String) { stringValue = value }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension ResultTable: Encodable {
    private enum CodingKeys: String, CodingKey { case title, columns, rows, notes }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(title, forKey: .title)
        try container.encode(columns.map(\.name), forKey: .columns)
        try container.encode(rows, forKey: .rows)
        try container.encode(notes, forKey: .notes)
    }
}
