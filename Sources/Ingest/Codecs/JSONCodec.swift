/// JSON with a path per channel.
///
/// A payload is one sample (`{"temp":1}`), several in an array that a path walks (`$.samples[*].temp`), an array of
/// sample objects as the root, or has arrays as values (`{"acc":[1,2,3]}` and `$.acc`: successive samples of the
/// channel). Where several paths lead to arrays, equal places make a row; a value outside of arrays holds for every
/// row of the payload; a time outside of them is given to the first row. Rows with none of the channels are
/// left out.
///
/// Values: numbers, `true` and `false` as 1 and 0, and texts that hold nothing but a number (`"45.6"`, as many
/// devices send them). `null` and absent are missing. Other texts, objects, and numbers beyond a double's range, NaN
/// and Infinity, which strict JSON does not know, are missing too, and counted. Of a key that stands twice the first
/// counts. All of the payload must be valid JSON in UTF-8, also where no path leads.
struct JSONCodec: PayloadCodec {
    private let extractor: JSONExtractor
    private let unit: TimeUnit

    init(_ settings: CodecSettings) throws(CodecSettingsError) {
        extractor = try JSONExtractor(settings)
        unit = settings.timeUnit
    }

    mutating func decode(_ payload: UnsafeRawBufferPointer, into rows: inout SampleRows) throws(PayloadError) {
        try Self.checkSize(payload)
        try extractor.extract(payload, unit: unit, into: &rows)
    }
}
