extension Tensor {
    /// Values as they lie in a file.
    /// - Parameter place: whose tensor it is, for errors.
    init(littleEndian bytes: ArraySlice<UInt8>, element: Element, shape: [Int], place: String) throws(ImportError) {
        guard let count = Self.count(shape) else {
            throw ImportError(place, found: "shape \(shape)", expected: "at most \(Self.maximumCount) values")
        }
        guard bytes.count == count * element.size else {
            throw ImportError(
                place, found: "\(bytes.count) bytes of data", expected: "\(count * element.size) for shape \(shape)")
        }
        func words<Word: FixedWidthInteger>(_ type: Word.Type) -> [Word] {
            bytes.withUnsafeBytes { raw in
                (0..<count).map {
                    Word(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: type))
                }
            }
        }
        switch element {
        case .float32: self.init(words(UInt32.self).map(Float.init(bitPattern:)), shape: shape)
        case .float64: self.init(words(UInt64.self).map { Float(Double(bitPattern: $0)) }, shape: shape)
        case .float16: self.init(words(UInt16.self).map(Self.half), shape: shape)
        case .bfloat16: self.init(words(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }, shape: shape)
        case .int8: self.init(words(Int8.self).map(Int.init), shape: shape, element: element)
        case .uint8, .bool: self.init(words(UInt8.self).map(Int.init), shape: shape, element: element)
        case .int16: self.init(words(Int16.self).map(Int.init), shape: shape, element: element)
        case .uint16: self.init(words(UInt16.self).map(Int.init), shape: shape, element: element)
        case .int32: self.init(words(Int32.self).map(Int.init), shape: shape, element: element)
        case .uint32: self.init(words(UInt32.self).map(Int.init), shape: shape, element: element)
        case .int64: self.init(words(Int64.self).map(Int.init), shape: shape, element: element)
        }
    }

    /// IEEE 754 binary16, in integers: `Float16` is not there on every platform.
    static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits >> 15 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Float(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction * 0x1p-10) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }
}

extension Tensor.Element {
    /// In bytes.
    var size: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64: 8
        }
    }
}
