/**
 * Models by name: {@link dev.lathe.hub.Hub} finds {@code owner/repository:Q4_K_M} in the cache on disk, or downloads it
 * there. {@code FileChoice} knows which files a name means, {@code RepositoryCache} where they are kept, {@code
 * HubClient} how a hub is asked, {@code Download} how a file comes and is checked. Imports the library's JSON and the
 * JDK's HTTP client.
 */
package dev.lathe.hub;
