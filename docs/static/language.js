// The other language of this page opens at the section that is being read.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.language")
  if (link) link.hash = location.hash
})
