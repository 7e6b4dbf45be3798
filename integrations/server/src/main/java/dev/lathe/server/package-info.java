/**
 * A model behind a port that speaks OpenAI's protocol: {@link dev.lathe.server.LatheServer}. Requests are read by
 * {@code RequestFields}, {@code GenerationRequest} and {@code ChatMessages}, answered by {@code Generations} in the
 * layout of a {@code ReplyFormat}. Imports the library, its sessions and the JDK's HTTP server.
 */
package dev.lathe.server;
