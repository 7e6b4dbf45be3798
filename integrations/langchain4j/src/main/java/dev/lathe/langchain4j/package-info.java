/**
 * Lathe's models as LangChain4j's: {@link dev.lathe.langchain4j.LatheChatModel}, {@link
 * dev.lathe.langchain4j.LatheStreamingChatModel} and {@link dev.lathe.langchain4j.LatheLanguageModel} on an {@link
 * dev.lathe.Engine}, {@link dev.lathe.langchain4j.LatheEmbeddingModel}, {@link
 * dev.lathe.langchain4j.LatheScoringModel} and {@link dev.lathe.langchain4j.LatheTokenCountEstimator} on a {@link
 * dev.lathe.Model}. Imports the library and LangChain4j's core.
 */
package dev.lathe.langchain4j;
