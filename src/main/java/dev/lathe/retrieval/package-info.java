/**
 * Retrieval: vectors in a file that is appended to and searched exactly, and what a language model does with what is
 * found.
 *
 * <p>{@link dev.lathe.retrieval.Datastore} is the door to the vectors: {@code RecordLog} is the file, {@code Records}
 * what stands in it, {@code VectorBlocks} the tiles in memory that Lathe's products compute with, {@code Search} one
 * search. {@link dev.lathe.retrieval.NextTokenStore} fills one from texts, and {@link
 * dev.lathe.retrieval.NeighborLanguageModel} mixes a model's distribution with what it finds there. {@link
 * dev.lathe.retrieval.Passages} puts passages into prompts.
 *
 * <p>The file begins with {@code LATHEDS1}; {@code RecordLog} specifies its frames, {@code Records} their bodies.
 *
 * <p>May import {@code model}, {@code tensor} with its {@code codec}, {@code pack} and {@code store}, and the messages
 * of {@code text}.
 */
package dev.lathe.retrieval;
