/**
 * Reader and writer of GGUF files.
 *
 * <p>A GGUF file holds a model's metadata and tensors. All numbers are little-endian; strings are UTF-8 bytes after
 * their length in 64 bits; nothing is padded except where said.
 *
 * <pre>
 * header    magic            4 bytes  the letters GGUF
 *           version          u32      2 or 3, which differ in nothing that is read here
 *           tensor count     u64
 *           metadata count   u64
 *           metadata         for each: key string, type u32, value
 *           tensors          for each: name string, dimension count u32 (1 to 4), dimensions u64 each with the
 *                            contiguous axis first, type u32 ({@link dev.lathe.tensor.TensorType#id()}),
 *                            offset u64 from the start of the data, a multiple of the alignment
 * padding   zeros up to a multiple of the alignment: metadata general.alignment, or 32
 * data      the tensors' bytes, each followed by padding
 * </pre>
 *
 * <p>The metadata types are 0 u8, 1 i8, 2 u16, 3 i16, 4 u32, 5 i32, 6 f32, 7 bool (one byte, 0 or 1), 8 string,
 * 9 array (element type u32, length u64, elements; elements may be arrays), 10 u64, 11 i64, 12 f64.
 *
 * <p>A model may be split into files {@code NAME-00001-of-0000N.gguf}. Each is complete in itself and has its index
 * from 0 in {@code split.no}, N in {@code split.count} and the tensors of all files in {@code split.tensors.count};
 * the first has the model's metadata.
 *
 * <p>The reader trusts nothing: whatever is wrong is one {@link dev.lathe.gguf.GgufException} that names the field and
 * its byte offset. Beyond the format it requires that a header has at most 64 MiB, arrays nest at most 8 deep, the
 * alignment is at most 1 MiB, names are not empty and unique, dimensions are not 0, and tensors do not overlap.
 *
 * <p>What keys and tensors mean belongs to the packages of models and tokenizers. This package imports
 * {@code dev.lathe.tensor} and no other.
 */
package dev.lathe.gguf;
