// Says on the page when a security key did not answer; without it the browser's console alone knows.
document.addEventListener('allauth.error', function (event) {
  const note = document.getElementById('security-key-failed')
  if (note) {
    event.preventDefault()
    note.hidden = false
  }
})
