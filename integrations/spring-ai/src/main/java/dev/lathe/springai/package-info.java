/**
 * Lathe's models as Spring AI's: {@link dev.lathe.springai.LatheChatModel} on an {@link dev.lathe.Engine}, {@link
 * dev.lathe.springai.LatheEmbeddingModel} on a {@link dev.lathe.Model}, and {@link
 * dev.lathe.springai.LatheChatOptions}.
 *
 * <p>May import the library's exported packages and Spring AI's model module; knows nothing of Spring Boot.
 */
package dev.lathe.springai;
