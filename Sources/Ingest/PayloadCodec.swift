/// Reads the samples of one payload format: compiled once for its channels, then used for every payload.
///
/// A codec keeps scratch buffers and belongs to one thread. Codecs know no clock: a payload without times gives rows
/// without times.
package protocol PayloadCodec {
    /// The bytes that must be readable after every payload; what they hold does not matter.
    static var padding: Int { get }

    /// Appends the payload's rows, whose channels stand in the order of the settings.
    ///
    /// All or nothing: after an error `rows` is as it was before. A payload without any of the channels is an error; an
    /// empty array of samples is not. Allocates nothing once its buffers have grown to the payloads' size.
    mutating func decode(_ payload: UnsafeRawBufferPointer, into rows: inout SampleRows) throws(PayloadError)
}

extension PayloadCodec {
    package static var padding: Int { payloadPadding }
}

/// The padding that fits every codec.
package let payloadPadding = 64
/// The largest payload that is read: 1 MiB.
package let maximumPayloadBytes = 1 << 20

extension PayloadCodec {
    /// What holds for every format: neither nothing nor too much.
    static func checkSize(_ payload: UnsafeRawBufferPointer) throws(PayloadError) {
        guard payload.count > 0 else { throw .empty }
        guard payload.count <= maximumPayloadBytes else { throw .tooLarge(bytes: payload.count) }
    }
}
